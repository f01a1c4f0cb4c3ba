using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>A TorchScript file that may be run: checked, unless the program waived that.</summary>
internal sealed class TorchScriptFile
{
    private readonly ReadOnlyMemory<byte> _content;

    /// <summary>Takes a file.</summary>
    /// <exception cref="ArgumentException">It is no TorchScript file, or does something else than compute; says what and where.</exception>
    public TorchScriptFile(ReadOnlyMemory<byte> file)
    {
        if (TorchScriptConsent.AllowsAnyOperator)
        {
            // What it does to itself is not known.
            _ = new ScriptArchive(file);
            (_content, IsOneAtATime) = (file, true);
            return;
        }
        var script = CheckedScript.Of(file);
        (_content, IsOneAtATime) = (script.File, script.ChangesItself);
    }

    /// <summary>Whether a module must not be called twice at once.</summary>
    public bool IsOneAtATime { get; }

    /// <summary>A module of its own, for evaluation; the caller disposes it.</summary>
    /// <param name="device">Where its weights go.</param>
    /// <exception cref="ArgumentException">libtorch can not load it; says why.</exception>
    public TorchScriptModule Load(TorchSharp.torch.Device device)
    {
        byte[] content = _content.ToArray();
        try
        {
            return new TorchScriptModule(NativeExceptions.Run(() => TorchSharp.torch.jit.load(content, device)), IsOneAtATime);
        }
        catch (ExternalException exception)
        {
            throw new ArgumentException($"The TorchScript module can not be loaded: {Words(exception)}", exception);
        }
    }

    /// <summary>Reads a file as what a constructor makes of its content; errors name the file.</summary>
    /// <exception cref="ArgumentException">The constructor refuses it.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static T Read<T>(string path, Func<byte[], T> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return make(RegularFile.ReadAllBytes(path));
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"'{path}': {exception.Message}", nameof(path), exception);
        }
    }

    /// <summary>libtorch's words without its stack.</summary>
    public static string Words(ExternalException exception)
        => string.Join(' ', exception.Message.Split('\n').TakeWhile(line => !line.StartsWith("Exception raised", StringComparison.Ordinal) && !line.StartsWith("frame #", StringComparison.Ordinal)).Select(line => line.Trim())).Trim();
}
