using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Gaussian noise: <c>x = α·x0 + σ·ε</c> (Ho et al. 2020, arXiv:2006.11239, eq. 4; Kingma et al. 2021, arXiv:2107.00630, eq. 1).</summary>
/// <param name="schedule">The noise schedule.</param>
public sealed class GaussianProcess(NoiseSchedule schedule) : IForwardProcess
{
    /// <inheritdoc/>
    public NoiseSchedule Schedule { get; } = schedule ?? throw new ArgumentNullException(nameof(schedule));

    /// <inheritdoc/>
    public IForwardProcess FitTo(IModelSpaceData data) => new GaussianProcess(Schedule.FitTo(data));

    /// <inheritdoc/>
    public Tensor DrawLatent(Tensor x0, INoiseSource noise, int draw) => noise.Normal(draw, x0);

    /// <inheritdoc/>
    public Tensor Corrupt(Tensor x0, Tensor latent, NoiseLevels levels)
    {
        using var noise = levels.Multiply(latent, level => level.Sigma);
        return levels.Multiply(x0, level => level.Alpha).PlusInPlace(noise);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A row is clean (σ = 0): it holds no noise to infer.</exception>
    public Tensor InferLatent(Tensor x, Tensor x0, NoiseLevels levels, Tensor drawn)
    {
        for (int row = 0; row < levels.Count; row++)
            if (levels[row].Sigma == 0)
                throw new ArgumentException($"Row {row} is clean ({levels[row]}): its noise can not be inferred.", nameof(levels));
        using var scaled = levels.Multiply(x0, level => level.Alpha / level.Sigma);
        return levels.Multiply(x, level => 1 / level.Sigma).MinusInPlace(scaled);
    }
}
