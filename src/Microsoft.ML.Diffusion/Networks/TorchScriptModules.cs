using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.jit;

namespace Microsoft.ML.Diffusion;

/// <summary>Loads TorchScript modules and calls them.</summary>
internal static class TorchScriptModules
{
    /// <summary>TorchScript watches so many runs of a module, and then rewrites it: from there on its kernels stay the same.</summary>
    public const int FirstRuns = 3;

    /// <summary>A module of its own, for evaluation.</summary>
    /// <param name="file">The file's content, which <see cref="TorchScriptFile.Check"/> has passed.</param>
    /// <param name="device">Where its weights go.</param>
    /// <exception cref="ArgumentException">libtorch can not load it; says why.</exception>
    public static ScriptModule Load(ReadOnlyMemory<byte> file, Device device)
    {
        try
        {
            var module = load(file.ToArray(), device);
            module.eval();
            return module;
        }
        catch (ExternalException exception)
        {
            throw new ArgumentException($"The TorchScript module can not be loaded: {TorchScriptFile.Words(exception)}", exception);
        }
    }

    /// <summary>The module's answer: a fresh tensor. A module may answer with its input itself: the copy is ours.</summary>
    /// <exception cref="ArgumentException">It answers with something else than one tensor.</exception>
    public static Tensor Call(ScriptModule module, IReadOnlyList<Tensor> inputs)
    {
        object answer = module.call([.. inputs]);
        if (answer is not Tensor tensor)
            throw new ArgumentException($"The TorchScript module answers with {answer?.GetType().Name ?? "nothing"}; expected one tensor.");
        using (tensor)
            return tensor.clone();
    }
}
