using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>One climb of a batch.</summary>
internal interface IAscent : IDisposable
{
    /// <summary>Where a step of size 1 goes.</summary>
    /// <param name="gradient">The gradient where it starts.</param>
    /// <returns>A fresh tensor.</returns>
    Tensor Next(Tensor gradient);
}
