namespace Microsoft.ML.Diffusion;

/// <summary>The grid of the schedulers of EDM in diffusers, whose runs start with noise of √(σ_max² + 1).</summary>
internal sealed class EdmSpacing : TimeSpacing
{
    /// <summary>sigma_min.</summary>
    public double SigmaMin { get; init; } = 0.002;

    /// <summary>sigma_max.</summary>
    public double SigmaMax { get; init; } = 80;

    /// <summary>rho.</summary>
    public double Rho { get; init; } = 7;

    /// <summary>Whether σ is even in ln σ.</summary>
    public bool Exponential { get; init; }

    /// <summary>Where the run ends; the first step is σ_min.</summary>
    public RunEnd End { get; init; }

    /// <inheritdoc/>
    public override TimeGrid Grid(NoiseSchedule schedule, int steps)
    {
        CheckSteps(steps);
        double[] sigmas = SigmaCurves.Of(Exponential ? SigmaCurve.Exponential : SigmaCurve.Karras, SigmaMin, SigmaMax, steps, Rho);
        double end = End switch { RunEnd.Clean => 0, RunEnd.Idle => sigmas[^1], _ => SigmaMin };
        return SchedulerGrids.Exploding([.. sigmas, end], new double?[steps + 1], Math.Sqrt(SigmaMax * SigmaMax + 1));
    }
}
