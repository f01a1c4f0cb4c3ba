using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Says how data is destroyed, from time 0 (clean) to time 1: Gaussian noise here; blur, masks and others have the same shape.
/// Training draws a time and a latent, corrupts, and lets the denoiser guess x0.
/// </summary>
/// <remarks>Immutable and thread safe. Works in model space; a codec stands between it and the user's data.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(GaussianProcess), "gaussian")]
public interface IForwardProcess
{
    /// <summary>Which level belongs to which time: what the denoiser is told, and from which times training draws.</summary>
    NoiseSchedule Schedule { get; }

    /// <summary>The process with what its schedule takes from the data filled in; itself unless it takes something.</summary>
    /// <param name="data">The data in model space.</param>
    IForwardProcess FitTo(IModelSpaceData data) => this;

    /// <summary>Draws what <see cref="Corrupt"/> needs beside the data: ε here; a mask's place, a snow's seed elsewhere.</summary>
    /// <param name="x0">The clean batch x0 [B, ...]; only shape, type and device count.</param>
    /// <param name="noise">The source of random numbers, one row of it for each row of the batch.</param>
    /// <param name="draw">The number of the draw within each row.</param>
    Tensor DrawLatent(Tensor x0, INoiseSource noise, int draw);

    /// <summary>The corrupted batch at the rows' levels: a fresh tensor.</summary>
    /// <param name="x0">The clean batch x0 [B, ...].</param>
    /// <param name="latent">What <see cref="DrawLatent"/> gave.</param>
    /// <param name="levels">The level and time of each row.</param>
    Tensor Corrupt(Tensor x0, Tensor latent, NoiseLevels levels);

    /// <summary>
    /// The latent that explains x given an estimate of x0: (x − α·x0)/σ for Gaussian noise; the drawn one where the latent can not
    /// be inferred.
    /// </summary>
    /// <param name="x">The corrupted batch.</param>
    /// <param name="x0">The (estimated) clean batch.</param>
    /// <param name="levels">The level and time of each row.</param>
    /// <param name="drawn">The latent that was drawn, where there is one.</param>
    Tensor InferLatent(Tensor x, Tensor x0, NoiseLevels levels, Tensor drawn);
}
