using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What a step needs, on the CPU.</summary>
/// <param name="X0">The clean batch x0 [B, ...].</param>
/// <param name="Latent">What the forward process corrupts it with: ε [B, ...] for Gaussian noise.</param>
/// <param name="Uniforms">A uniform number of each row in (0, 1), from which its level is drawn.</param>
/// <param name="Conditions">The packed conditions [B, width]; null where there are none.</param>
/// <param name="Estimates">Whether a network that takes an estimate (<see cref="Network.SelfConditions"/>) is given one; zeros else.</param>
/// <param name="Noise">The random numbers of the rows, for the network's dropout.</param>
internal sealed record TrainingBatch(Tensor X0, Tensor Latent, double[] Uniforms, Tensor? Conditions, bool Estimates, RowNoise Noise) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        X0.Dispose();
        Latent.Dispose();
        Conditions?.Dispose();
    }
}
