using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Teaches a consistency function to answer alike along the flow from noise to data, so that one step samples (Song et al. 2023, arXiv:2303.01469): the distance between the answer at a level
/// and that of the target at the next cleaner one of N, of which the ρ-th roots of σ/α are evenly spaced. A drawn level counts as the next noisier of the N.
/// </summary>
/// <remarks>For <see cref="ConsistencyParameterization"/>. Sample with <see cref="ConsistencySolver"/>.</remarks>
public abstract class ConsistencyObjective : Objective
{
    // A level that is one of the N, but for rounding, is that one.
    private const double Near = 1e-9;

    private protected ConsistencyObjective(DiscretizationCourse course) => Course = course;

    /// <summary>N − 1 over the run.</summary>
    public DiscretizationCourse Course
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Course));
    }

    /// <summary>The distance between the two answers; Pseudo-Huber unless given.</summary>
    public ConsistencyDistance Distance
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Distance));
    }
    = new PseudoHuberDistance();

    /// <summary>How much the noisier level counts (<see cref="LossWeight.OnX0"/>); null for 1/(r_n+1 − r_n) with r = σ/α (Song and Dhariwal 2023, arXiv:2310.14189, section 3.1). Null unless given.</summary>
    public LossWeight? Weight { get; init; }

    /// <summary>
    /// μ0: the target is an average of the weights that keeps μ0^(2/N) of itself in a step, as in the first consistency models with 0.9 (Song et al. 2023, section 5); at 0 the weights
    /// themselves, without a gradient, which is better (Song and Dhariwal 2023, section 3.2). In [0, 1); 0 unless given.
    /// </summary>
    public double TargetDecay
    {
        get;
        init => field = value is >= 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(TargetDecay), value, "The decay of the target must be in [0, 1).");
    }

    /// <summary>ρ of the spacing; positive, finite. 7 unless given.</summary>
    public double Rho
    {
        get;
        init => field = value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(Rho), value, "ρ must be positive and finite.");
    }
    = 7;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool TakesLossWeight => false;

    /// <inheritdoc/>
    public override double? TargetDecayAt(double fraction) => TargetDecay == 0 ? null : Math.Pow(TargetDecay, 2.0 / (Course.StepsAt(fraction) + 1));

    /// <inheritdoc/>
    /// <remarks>Of the same σ_data as EDM's parameterization of the network from which training starts, whose answers then mean nearly the same.</remarks>
    public override Parameterization DefaultParameterization(double dataScale, NoiseSchedule schedule, Parameterization? start = null)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return start as ConsistencyParameterization ?? new ConsistencyParameterization((start as EdmParameterization)?.DataScale ?? dataScale, schedule.RatioRange.Smallest);
    }

    /// <inheritdoc/>
    public override void Check(Parameterization parameterization, NoiseSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var (smallest, largest) = schedule.RatioRange;
        if (parameterization is not ConsistencyParameterization consistency)
            throw new ArgumentException($"{GetType().Name} trains a {nameof(ConsistencyParameterization)}, got {parameterization?.GetType().Name}: leave the parameterization open.", nameof(parameterization));
        if (double.IsInfinity(largest))
            throw new ArgumentException($"{GetType().Name} needs a schedule that ends above α = 0, which {schedule.GetType().Name} does not: take {nameof(KnownSchedules)}.{nameof(KnownSchedules.Edm)}, for example.", nameof(schedule));
        if (Math.Abs(consistency.RatioMin - smallest) > 1e-6 * smallest)
            throw new ArgumentException(FormattableString.Invariant($"The smallest σ/α of {nameof(ConsistencyParameterization)} is {consistency.RatioMin}, that of the schedule {smallest}; they must be one."), nameof(parameterization));
    }

    /// <inheritdoc/>
    public override Tensor LossOfRows(ObjectiveBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var (noisier, cleaner) = Pair(batch.Levels, batch.Process.Schedule, batch.Fraction);
        using var scope = NewDisposeScope();
        var x = batch.Corrupt(noisier);
        var answer = batch.Parameterization.Denoise(x, batch.Network(x, noisier), noisier);
        Tensor target;
        using (no_grad())
        {
            var next = StepToCleaner(batch, x, noisier, cleaner);
            target = batch.Parameterization.Denoise(next, batch.Target(next, cleaner), cleaner);
        }
        double[] weights = [.. Enumerable.Range(0, noisier.Count).Select(row => Weight?.OnX0(noisier[row], batch.Parameterization) ?? 1 / (noisier[row].Ratio - cleaner[row].Ratio))];
        var rows = Distance.OfRows(answer, target);
        return rows.mul(RowTensors.Column(weights, rows)).MoveToOuterDisposeScope();
    }

    /// <summary>The state of the same flow at the cleaner levels: a fresh tensor.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="x">The state [B, ...] at the noisier levels.</param>
    /// <param name="from">The noisier level of each row.</param>
    /// <param name="to">The cleaner level of each row.</param>
    private protected abstract Tensor StepToCleaner(ObjectiveBatch batch, Tensor x, NoiseLevels from, NoiseLevels to);

    // The neighbours of the discretization around each level.
    private (NoiseLevels Noisier, NoiseLevels Cleaner) Pair(NoiseLevels levels, NoiseSchedule schedule, double fraction)
    {
        int steps = Course.StepsAt(fraction);
        var (smallest, largest) = schedule.RatioRange;
        double low = Math.Pow(smallest, 1 / Rho), high = Math.Pow(largest, 1 / Rho);
        int[] upper = [.. Enumerable.Range(0, levels.Count).Select(row => Math.Clamp((int)Math.Ceiling((Math.Pow(levels[row].Ratio, 1 / Rho) - low) / (high - low) * steps - Near), 1, steps))];
        return (Levels(0), Levels(1));

        NoiseLevels Levels(int below)
        {
            double[] times = [.. upper.Select(n => schedule.TimeOf(-2 * Rho * Math.Log(low + (double)(n - below) / steps * (high - low))))];
            return new NoiseLevels([.. times.Select(schedule.At)], times);
        }
    }
}
