namespace Microsoft.ML.Diffusion;

/// <summary>
/// Noise that an ODE solver adds before each step, and removes again with it, which corrects earlier errors
/// (Karras et al. 2022, arXiv:2206.00364, Algorithm 2). Best values depend on the model; the defaults are off.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class StochasticChurn
{
    private readonly double _amount;
    private readonly double _ratioMin;
    private readonly double _ratioMax = double.PositiveInfinity;
    private readonly double _noiseScale = 1;

    /// <summary>S_churn, spread over the steps of a run; not negative. 0, no churn, unless set.</summary>
    public double Amount
    {
        get => _amount;
        init => _amount = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(Amount), value, "The amount of churn must not be negative.");
    }

    /// <summary>S_tmin: steps that start below this σ/α add no noise; not negative. 0 unless set.</summary>
    public double RatioMin
    {
        get => _ratioMin;
        init => _ratioMin = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(RatioMin), value, "The smallest noise ratio must not be negative.");
    }

    /// <summary>S_tmax: steps that start above this σ/α add no noise; not negative. Infinite unless set.</summary>
    public double RatioMax
    {
        get => _ratioMax;
        init => _ratioMax = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(RatioMax), value, "The largest noise ratio must not be negative.");
    }

    /// <summary>S_noise, the standard deviation of the noise added; positive. 1 unless set.</summary>
    public double NoiseScale
    {
        get => _noiseScale;
        init => _noiseScale = value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(NoiseScale), value, "The scale of the noise must be positive and finite.");
    }

    /// <summary>Adds the noise of a step.</summary>
    /// <param name="trace">The recording.</param>
    /// <param name="grid">The grid of the run.</param>
    /// <param name="step">The index of the step.</param>
    /// <param name="x">The state at the start of the step; at the noisier point afterwards.</param>
    /// <returns>The point where the step starts now.</returns>
    internal GridPoint Apply(PlanTracer trace, TimeGrid grid, int step, ref LinearExpression x)
    {
        var level = grid.Levels[step];
        if (Amount == 0 || level.Ratio < RatioMin || level.Ratio > RatioMax || level.Alpha == 0)
            return grid.Point(step);
        // Algorithm 2: γ_i, and x̂ = x + √(t̂² − t²)·S_noise·ε, for α of any size.
        double gamma = Math.Min(Amount / grid.Steps, Math.Sqrt(2) - 1);
        var raised = grid.Noisier(step, 1 + gamma);
        double added = raised.Level.Alpha * Math.Sqrt(raised.Level.Ratio * raised.Level.Ratio - level.Ratio * level.Ratio);
        x = raised.Level.Alpha / level.Alpha * x + added * NoiseScale * trace.Noise();
        return raised;
    }
}
