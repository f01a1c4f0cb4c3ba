using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Where a batch's random numbers come from. Tests inject recorded draws.</summary>
public interface INoiseSource
{
    /// <summary>Independent standard normal numbers: a fresh tensor that the caller owns.</summary>
    /// <param name="draw">The number of the draw: equal numbers give equal draws.</param>
    /// <param name="like">The tensor [B, ...] whose shape, type and device the draw has.</param>
    Tensor Normal(int draw, Tensor like);
}
