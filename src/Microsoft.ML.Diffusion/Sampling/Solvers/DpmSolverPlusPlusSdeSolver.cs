namespace Microsoft.ML.Diffusion;

/// <summary>
/// DPM-Solver++ (SDE), singlestep: the reverse SDE with fresh noise at both stages of a step (k-diffusion's <c>sample_dpmpp_sde</c>, after
/// Lu et al. 2022, arXiv:2211.01095). Stochastic, two evaluations a step; deterministic of order 2 with η = 0. A step that starts at pure
/// noise or ends at clean data is one of <see cref="DdimSolver"/>.
/// </summary>
/// <param name="eta">η in [0, ∞]: how much of DDPM's noise each stage adds (<see cref="DdimSolver"/>). 1 unless given.</param>
/// <param name="noiseScale">The standard deviation of the noise (s_noise), in [0, ∞). 1 unless given; 1 where η is 0.</param>
/// <param name="stage">r: where in a step, by λ, the second evaluation lies; in (0, 1]. 1/2 unless given.</param>
public sealed class DpmSolverPlusPlusSdeSolver(double eta = 1, double noiseScale = 1, double stage = 0.5) : ISolver
{
    /// <summary>How much of DDPM's noise each stage adds.</summary>
    public double Eta { get; } = StepNoise.CheckEta(eta);

    /// <summary>The standard deviation of the noise.</summary>
    public double NoiseScale { get; } = StepNoise.CheckScale(noiseScale, eta);

    /// <summary>Where in a step, by λ, the second evaluation lies.</summary>
    public double Stage { get; } = stage is > 0 and <= 1 ? stage : throw new ArgumentOutOfRangeException(nameof(stage), stage, "The stage must be in (0, 1].");

    /// <inheritdoc/>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        for (int i = 0; i < grid.Steps; i++)
        {
            var (from, to) = (grid.Levels[i], grid.Levels[i + 1]);
            var split = AncestralSplit.Of(from, to, Eta);
            double length = to.Lambda - from.Lambda;
            x = trace.Store(x);
            var x0 = trace.Denoise(x, i, split.Variance(NoiseScale));
            if (double.IsFinite(length))
            {
                var middle = from.Toward(to, from.Lambda + Stage * length);
                var half = AncestralSplit.Of(from, middle, Eta);
                var between = half.Renew(trace, ConstantFlow.To(from, half.Down, x, x0), NoiseScale);
                var second = trace.Denoise(between, middle, null, to, split.Variance(NoiseScale));
                double weight = 1 / (2 * Stage);
                x0 = (1 - weight) * x0 + weight * second;
            }
            x = split.Renew(trace, ConstantFlow.To(from, split.Down, x, x0), NoiseScale);
        }
        return trace.Finish(x);
    }
}
