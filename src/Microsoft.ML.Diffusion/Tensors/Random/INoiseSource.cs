using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Where a batch's random numbers come from. Tests inject recorded draws.</summary>
public interface INoiseSource
{
    /// <summary>Independent standard normal numbers: a fresh tensor that the caller owns.</summary>
    /// <param name="draw">The number of the draw: equal numbers give equal draws.</param>
    /// <param name="like">The tensor [B, ...] whose shape, type and device the draw has.</param>
    Tensor Normal(int draw, Tensor like);

    /// <summary>Independent numbers, uniform in [0, 1): a fresh tensor that the caller owns.</summary>
    /// <param name="draw">The number of the draw; one that <see cref="Normal"/> is asked for gives numbers that depend on its.</param>
    /// <param name="like">The tensor [B, ...] whose shape, type and device the draw has.</param>
    Tensor Uniform(int draw, Tensor like);
}
