namespace Microsoft.ML.Diffusion;

/// <summary>
/// DPM-Solver++(2S), singlestep (Lu et al. 2022, arXiv:2211.01095, Algorithm 1, with the midpoint in λ): order 2, two evaluations a
/// step. With η > 0 its ancestral form, of k-diffusion. A step that starts at pure noise or ends at clean data is of order 1.
/// </summary>
/// <param name="eta">η in [0, ∞]: how much of DDPM's noise each step adds (<see cref="DdimSolver"/>). 0, deterministic, unless given.</param>
/// <param name="noiseScale">The standard deviation of the noise (s_noise), in [0, ∞). 1 unless given; 1 where η is 0.</param>
public sealed class DpmSolverPlusPlus2SSolver(double eta = 0, double noiseScale = 1) : ISolver
{
    /// <summary>How much of DDPM's noise each step adds.</summary>
    public double Eta { get; } = StepNoise.CheckEta(eta);

    /// <summary>The standard deviation of the noise.</summary>
    public double NoiseScale { get; } = StepNoise.CheckScale(noiseScale, eta);

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
            double variance = split.Variance(NoiseScale);
            double length = split.Down.Lambda - from.Lambda;
            x = trace.Store(x);
            var x0 = trace.Denoise(x, i, variance);
            if (double.IsFinite(length))
            {
                var middle = from.Toward(to, from.Lambda + length / 2);
                x0 = trace.Denoise(ConstantFlow.To(from, middle, x, x0), middle, null, to, variance);
            }
            x = split.Renew(trace, ConstantFlow.To(from, split.Down, x, x0), NoiseScale);
        }
        return trace.Finish(x);
    }
}
