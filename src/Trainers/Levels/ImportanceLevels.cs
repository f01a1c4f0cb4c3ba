namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Levels in proportion to √E[L²] of their loss, whose rows count the less for it: the expected loss stays what it was, and varies least (Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 18;
/// guided-diffusion's loss-second-moment sampler). For losses that differ widely from level to level, as the variational bound's do.
/// </summary>
/// <remarks>
/// Levels fall into bins, equally likely under another distribution, and each bin keeps its last losses. Until all bins have them, that distribution is drawn. What was learned is kept in checkpoints.
/// Losses on validation data are of the other distribution.
/// </remarks>
/// <param name="bins">The number of bins; at least 1. 100 unless given; that of a discrete schedule's steps tells each from the other.</param>
/// <param name="history">The number of losses that a bin keeps; at least 1. 10 unless given.</param>
/// <param name="uniformShare">The share of all draws, in (0, 1], that goes to every bin alike. 0.001 unless given.</param>
/// <param name="from">The other distribution; <see cref="KnownLevelDistributions.Schedule"/> unless given.</param>
public sealed class ImportanceLevels(int bins = 100, int history = 10, double uniformShare = 0.001, LevelDistribution? from = null) : LevelDistribution
{
    /// <summary>The number of bins.</summary>
    public int Bins { get; } = bins >= 1 ? bins : throw new ArgumentOutOfRangeException(nameof(bins), bins, "The number of bins must be at least 1.");

    /// <summary>The number of losses that a bin keeps.</summary>
    public int History { get; } = history >= 1 ? history : throw new ArgumentOutOfRangeException(nameof(history), history, "The number of losses that a bin keeps must be at least 1.");

    /// <summary>The share of all draws that goes to every bin alike.</summary>
    public double UniformShare { get; } = uniformShare is > 0 and <= 1 ? uniformShare : throw new ArgumentOutOfRangeException(nameof(uniformShare), uniformShare, "The uniform share must be in (0, 1].");

    /// <summary>The distribution whose expected loss is trained.</summary>
    public LevelDistribution From { get; } = from ?? new ScheduleLevels();

    /// <inheritdoc/>
    public override double Time(double u, NoiseSchedule schedule) => From.Time(u, schedule);

    internal override LevelSampler Start(NoiseSchedule schedule) => new ImportanceSampler(this, schedule);
}
