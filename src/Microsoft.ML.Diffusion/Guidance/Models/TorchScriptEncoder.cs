using System.Text.Json.Serialization;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion;

/// <summary>The features of a network in a TorchScript file, as <c>torch.jit.save</c> writes it, scaled to length 1. The file is saved with the pipeline.</summary>
/// <remarks>
/// The module's <c>forward(x)</c> takes clean data [B, ...] in model space and answers with [B, size], both Float32, each row from that row alone; it is not told the noise level. It runs as in
/// evaluation, and its weights stay as they are. A TorchScript file is a program. This one is checked before libtorch sees it: its code may use operators that compute on tensors, and nothing else. A model that holds one is loaded where the program
/// allows it (<see cref="TorchScriptConsent"/>). Thread safe.
/// </remarks>
public sealed class TorchScriptEncoder : IEncoder, IDisposable, IJsonOnDeserialized
{
    private readonly TorchScriptFunction _function;

    /// <summary>The features of a file's content.</summary>
    /// <param name="module">The content of the file.</param>
    /// <param name="size">The number of features; at least 1.</param>
    /// <exception cref="ArgumentException">It is no TorchScript file, or does something else than compute.</exception>
    public TorchScriptEncoder(ReadOnlyMemory<byte> module, int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        _function = new TorchScriptFunction(module);
        Module = module;
        Size = size;
    }

    /// <summary>The content of the file.</summary>
    public ReadOnlyMemory<byte> Module { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">A file that <c>torch.jit.save</c> wrote.</param>
    /// <param name="size">The number of features.</param>
    /// <exception cref="ArgumentException">It is no TorchScript file, or does something else than compute.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    public static TorchScriptEncoder FromFile(string path, int size) => TorchScriptFile.Read(path, module => new TorchScriptEncoder(module, size));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The module can not be called with x, or does not answer with [B, <see cref="Size"/>].</exception>
    public Tensor Embed(Tensor x, NoiseLevels levels)
    {
        ArgumentNullException.ThrowIfNull(x);
        using var features = _function.Call(x);
        if (features.dim() != 2 || features.size(0) != x.size(0) || features.size(1) != Size)
            throw new ArgumentException($"The TorchScript module answers with [{string.Join(", ", features.shape)}]; expected features [{x.size(0)}, {Size}].", nameof(x));
        return normalize(features);
    }

    IEnumerable<TorchScriptFunction> IEncoder.Scripts => [_function];

    /// <summary>Frees libtorch's copies of the module, unless a pipeline holds them: that frees them when it is disposed. A later call makes them anew.</summary>
    public void Dispose() => _function.Dispose();

    void IJsonOnDeserialized.OnDeserialized() => TorchScriptConsent.RequireForModel("an encoder");
}
