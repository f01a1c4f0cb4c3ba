namespace Microsoft.ML.Diffusion;

/// <summary>The grid of a flow in a scheduler of diffusers: levels (1 − σ, σ), shifted. The names of options are those of scheduler_config.json.</summary>
internal sealed class SchedulerFlowSpacing : TimeSpacing
{
    // UniPC starts so far beside pure noise, where λ is infinite.
    private const double BesidePureNoise = 1e-6;

    /// <summary>num_train_timesteps: times are told in so many parts.</summary>
    public int Timesteps { get; init; } = 1000;

    /// <summary>shift or flow_shift.</summary>
    public double Shift { get; init; } = 1;

    /// <summary>shift_terminal: what the last σ is stretched to; not stretched where null.</summary>
    public double? Terminal { get; init; }

    /// <summary>Between which σ the even times lie.</summary>
    public FlowSpan Span { get; init; }

    /// <summary>use_karras_sigmas and its kin.</summary>
    public SigmaCurve Curve { get; init; }

    /// <summary>sigma_min of the curve; the last σ where null.</summary>
    public double? SigmaMin { get; init; }

    /// <summary>sigma_max of the curve; the first σ where null.</summary>
    public double? SigmaMax { get; init; }

    /// <summary>The σ at which the run ends; the last step idles where null.</summary>
    public double? End { get; init; } = 0;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The options do not suit the number of steps; names the option.</exception>
    public override TimeGrid Grid(NoiseSchedule schedule, int steps)
    {
        CheckSteps(steps);
        double[] sigmas = Sigmas(steps);
        double end = End ?? sigmas[^1];
        if (end > sigmas[^1])
            throw new ArgumentException(FormattableString.Invariant($"final_sigmas_type ends the run at σ = {end}, above the last step's {sigmas[^1]}: the run would get noisier."));
        double[] all = [.. sigmas, end];
        double?[] told = [.. sigmas.Select(sigma => (double?)(Span == FlowSpan.Matching ? sigma : Math.Floor(sigma * Timesteps) / Timesteps)), null];
        return new TimeGrid(KnownSchedules.RectifiedFlow, all, [.. all.Select(sigma => new NoiseLevel(1 - sigma, sigma))], new GridExtras(told, PriorScale: 1));
    }

    private double[] Sigmas(int steps)
    {
        double first = 1.0 / Timesteps;
        double[] sigmas = Span switch
        {
            FlowSpan.Matching => Even(1, Bend(first), steps),
            FlowSpan.FromNoise => Even(1, first, steps + 1)[..^1],
            _ => [.. Even(1 - first, 0, steps + 1)[..^1]],
        };
        sigmas = Array.ConvertAll(sigmas, Bend);
        if (Terminal is { } terminal)
        {
            if (sigmas[^1] == 1)
                throw new ArgumentException("shift_terminal stretches nothing where there is one step: use more steps.");
            double scale = (1 - sigmas[^1]) / (1 - terminal);
            sigmas = Array.ConvertAll(sigmas, sigma => 1 - (1 - sigma) / scale);
        }
        if (Curve != SigmaCurve.None)
            sigmas = SigmaCurves.Of(Curve, SigmaMin ?? sigmas[^1], SigmaMax ?? sigmas[0], steps);
        if (Span == FlowSpan.FromNoise && Math.Abs(sigmas[0] - 1) < BesidePureNoise)
            sigmas[0] -= BesidePureNoise;
        if (sigmas[0] > 1)
            throw new ArgumentException(FormattableString.Invariant($"sigma_max {sigmas[0]} is above 1, the σ of pure noise in a flow."));
        return sigmas;
    }

    private double Bend(double sigma) => Shift * sigma / (1 + (Shift - 1) * sigma);

    private static double[] Even(double from, double to, int count) => [.. Enumerable.Range(0, count).Select(i => i == 0 ? from : i == count - 1 ? to : from + i * ((to - from) / (count - 1)))];
}
