namespace Microsoft.ML.Diffusion;

/// <summary>What a model file says it holds, as <c>CheckModel</c> of the catalogue found it.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class ModelFileContent
{
    internal ModelFileContent(int entries, long bytes, IReadOnlyList<string> loaders) => (Entries, Bytes, Loaders) = (entries, bytes, loaders);

    /// <summary>The number of entries of the archive.</summary>
    public int Entries { get; }

    /// <summary>The bytes that all entries take unpacked.</summary>
    public long Bytes { get; }

    /// <summary>The names of the loaders of its parts, each once, in the order of the archive: <c>TransformerChain</c>, <c>DiffusionDenoiser</c> and so on.</summary>
    public IReadOnlyList<string> Loaders { get; }
}
