using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What a step needs, on the CPU.</summary>
/// <param name="X0">The clean batch x0 [B, ...].</param>
/// <param name="Latent">What the forward process corrupts it with: ε [B, ...] for Gaussian noise.</param>
/// <param name="Levels">The level and time of each row.</param>
/// <param name="Conditions">The packed conditions [B, width]; null where there are none.</param>
/// <param name="Noise">The random numbers of the rows, for the network's dropout.</param>
internal sealed record TrainingBatch(Tensor X0, Tensor Latent, NoiseLevels Levels, Tensor? Conditions, RowNoise Noise) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        X0.Dispose();
        Latent.Dispose();
        Conditions?.Dispose();
    }
}
