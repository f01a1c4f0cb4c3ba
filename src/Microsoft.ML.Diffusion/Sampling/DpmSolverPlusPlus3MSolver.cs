namespace Microsoft.ML.Diffusion;

/// <summary>
/// DPM-Solver++(3M), multistep, from three answers with one evaluation a step (the third-order update of Lu et al. 2022, arXiv:2211.01095,
/// in the authors' code and diffusers), and with η > 0 its SDE form (k-diffusion's <c>sample_dpmpp_3m_sde</c>). The first steps, and
/// those after a start at pure noise, take as many answers as there are; one that ends at clean data is of order 1.
/// </summary>
/// <remarks>
/// As published, and here, the second difference of x̂0 stands for its second derivative, of which it is half. So the order is 2, with a
/// smaller error than <see cref="DpmSolverPlusPlus2MSolver"/>'s.
/// </remarks>
/// <param name="eta">η in [0, ∞]: how much of the reverse SDE's noise each step adds. 0, deterministic, unless given.</param>
/// <param name="noiseScale">The standard deviation of the noise (s_noise), in [0, ∞). 1 unless given; 1 where η is 0.</param>
public sealed class DpmSolverPlusPlus3MSolver(double eta = 0, double noiseScale = 1) : ISolver
{
    /// <summary>How much of the reverse SDE's noise each step adds.</summary>
    public double Eta { get; } = StepNoise.CheckEta(eta);

    /// <summary>The standard deviation of the noise.</summary>
    public double NoiseScale { get; } = StepNoise.CheckScale(noiseScale, eta);

    /// <inheritdoc/>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        LinearExpression before = default, earlier = default;
        for (int i = 0; i < grid.Steps; i++)
        {
            var to = grid.Levels[i + 1];
            var step = new ReverseSdeStep(grid.Levels[i], to, Eta);
            x = trace.Store(x);
            var x0 = trace.Denoise(x, i, step.Variance(NoiseScale));
            x = step.Mean(x, x0);
            if (i > 0 && to.Sigma > 0)
            {
                // Divided differences of x̂0 by λ, in units of h. A step from pure noise is infinite, and its difference 0.
                double r0 = Length(grid, i - 1) / step.Step;
                var first = (x0 - before) / r0;
                if (i > 1)
                {
                    double r1 = Length(grid, i - 2) / step.Step;
                    var second = (first - (before - earlier) / r1) / (r0 + r1);
                    // r0 is infinite only where i is 1.
                    first += r0 * second;
                    x -= step.Correct(step.Phi2 / step.Length - 0.5, second);
                }
                x += step.Correct(step.Phi2, first);
            }
            x = step.Renew(trace, x, NoiseScale);
            (earlier, before) = (before, x0);
        }
        return trace.Finish(x);
    }

    private static double Length(TimeGrid grid, int step) => grid.Levels[step + 1].Lambda - grid.Levels[step].Lambda;
}
