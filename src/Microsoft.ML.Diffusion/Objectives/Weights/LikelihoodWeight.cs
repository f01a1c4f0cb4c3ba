namespace Microsoft.ML.Diffusion;

/// <summary>λ = g²(t), under which the loss bounds the negative log-likelihood (Song et al. 2021, arXiv:2101.09258, Theorem 1).</summary>
/// <param name="schedule">The schedule whose g² it is.</param>
public sealed class LikelihoodWeight(NoiseSchedule schedule) : ScoreWeight
{
    /// <summary>The schedule whose g² it is.</summary>
    public NoiseSchedule Schedule { get; } = schedule ?? throw new ArgumentNullException(nameof(schedule));

    /// <inheritdoc/>
    public override double At(NoiseLevel level, double? time) => Schedule.SdeAt(time ?? Schedule.TimeOf(level.LogSnr)).DiffusionSquared;
}
