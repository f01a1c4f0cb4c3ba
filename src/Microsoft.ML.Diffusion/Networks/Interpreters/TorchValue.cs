using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A tensor on its way through a network: how many uses are still to come, whose memory it is, and its sizes, known even when it was used up.</summary>
internal sealed class TorchValue(Tensor tensor, TorchMemory memory, int uses, int[]? sizes = null)
{
    public Tensor Tensor { get; } = tensor;

    public TorchMemory Memory { get; } = memory;

    public int Uses { get; set; } = uses;

    public int Rank => sizes?.Length ?? (int)Tensor.dim();

    public int Size(int dimension) => sizes is null ? (int)Tensor.size(dimension) : sizes[dimension];
}

/// <summary>A block of memory that one or more live tensors look at. It may be written only while one does.</summary>
internal sealed class TorchMemory
{
    /// <summary>The number of live tensors.</summary>
    public int Handles { get; set; } = 1;

    /// <summary>Whether it is the caller's, and must not be written at all.</summary>
    public bool IsForeign { get; init; }
}
