namespace Microsoft.ML.Diffusion;

/// <summary>σ/α of each step of a schedule, as the schedulers of diffusers look it up.</summary>
internal sealed class SigmaTable
{
    private readonly double[] _sigmas;
    private readonly double[] _logs;

    /// <summary>The table of a schedule.</summary>
    /// <param name="schedule">The schedule. The infinite ratio of pure noise becomes that of ᾱ = 2⁻²⁴, as in diffusers; steps before it may have a larger one.</param>
    public SigmaTable(DiscreteSchedule schedule)
    {
        _sigmas = [.. Enumerable.Range(0, schedule.Steps).Select(step => schedule.LevelOf(step) is { Alpha: > 0 } level ? level.Ratio : Capped)];
        _logs = Array.ConvertAll(_sigmas, Math.Log);
    }

    /// <summary>What stands in for the ratio of pure noise.</summary>
    public static double Capped { get; } = NoiseLevel.FromAlphaBar(Math.ScaleB(1, -24)).Ratio;

    public double Smallest => _sigmas[0];

    public double Largest => _sigmas[^1];

    /// <summary>σ at a position between steps, on the straight line.</summary>
    public double At(double position)
    {
        int below = Math.Min((int)position, _sigmas.Length - 1);
        double fraction = position - below;
        return fraction == 0 ? _sigmas[below] : _sigmas[below] + fraction * (_sigmas[below + 1] - _sigmas[below]);
    }

    /// <summary>The position of a σ, linear in ln σ between steps; the nearest end beyond them.</summary>
    public double PositionOf(double sigma)
    {
        double log = Math.Log(Math.Max(sigma, 1e-10));
        int last = _logs.Length - 1, found = log >= _logs[last] ? last : Array.BinarySearch(_logs, 0, last, log);
        int below = Math.Clamp(found >= 0 ? found : ~found - 1, 0, last - 1);
        double weight = Math.Clamp((_logs[below] - log) / (_logs[below] - _logs[below + 1]), 0, 1);
        return (1 - weight) * below + weight * (below + 1);
    }

    /// <summary>How many steps are left without those whose λ = −ln σ lies below a bound (<c>lambda_min_clipped</c>).</summary>
    public int StepsAbove(double lambda) => _logs.Count(log => !(-log < lambda));
}
