using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A tensor on its way through a network: how many uses are still to come, and whose memory it is.</summary>
internal sealed class TorchValue(Tensor tensor, TorchMemory memory, int uses)
{
    public Tensor Tensor { get; } = tensor;

    public TorchMemory Memory { get; } = memory;

    public int Uses { get; set; } = uses;
}

/// <summary>A block of memory that one or more live tensors look at. It may be written only while one does.</summary>
internal sealed class TorchMemory
{
    /// <summary>The number of live tensors.</summary>
    public int Handles { get; set; } = 1;

    /// <summary>Whether it is the caller's, and must not be written at all.</summary>
    public bool IsForeign { get; init; }
}
