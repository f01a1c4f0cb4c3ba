namespace Microsoft.ML.Diffusion;

/// <summary>
/// DPM-Solver and DPM-Solver++, multistep, of order 1 to 3, with one evaluation a step: exponential integrators in λ, of the
/// probability-flow ODE (Lu et al. 2022, arXiv:2206.00927 and arXiv:2211.01095, Algorithm 2) or, with η &gt; 0, of the reverse SDE
/// (arXiv:2211.01095, section 5; k-diffusion's <c>sample_dpmpp_2m_sde</c> and <c>sample_dpmpp_3m_sde</c>). Of order 1 it is
/// <see cref="DdimSolver"/>, and with η = 1 DDPM's ancestral sampling. The first steps are of as high an order as the answers before them allow, and a step
/// that ends at clean data is of order 1, as in diffusers and k-diffusion.
/// </summary>
/// <param name="order">
/// The order, 1 to 3. 2 unless given. The published update of order 3 halves the second derivative's term: it converges with order 2, with
/// smaller errors; <see cref="UniPcSolver"/> and <see cref="DeisSolver"/> are of order 3 proper.
/// </param>
/// <param name="eta">η in [0, ∞]: how much of the reverse SDE's noise each step adds. 0, deterministic, unless given.</param>
/// <param name="noiseScale">The standard deviation of the noise (s_noise), in [0, ∞). 1 unless given; 1 where η is 0.</param>
public sealed class MultistepDpmSolver(int order = 2, double eta = 0, double noiseScale = 1) : DpmGridSolver(order, eta, noiseScale)
{
    /// <summary>Whether orders fall to 1 at the end of runs of fewer than 15 steps, which is steadier. True unless set.</summary>
    public bool LowerOrderFinal { get; init; } = true;

    /// <summary>Whether the last step is of order 1 however long the run. False unless set.</summary>
    public bool EulerAtFinal { get; init; }

    /// <inheritdoc/>
    public override SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        var estimates = new LinearExpression[grid.Steps];
        for (int i = 0; i < grid.Steps; i++)
        {
            var step = new ReverseSdeStep(grid.Levels[i], grid.Levels[i + 1], Eta, Estimate);
            var here = trace.Store(x);
            var x0 = trace.Denoise(here, i, step.Variance(NoiseScale));
            estimates[i] = Order == 1 ? default : step.Estimate(trace, here, x0);
            x = step.Mean(here, x0) + Correction(grid, step, estimates, i);
            x = step.Renew(trace, x, NoiseScale);
        }
        return trace.Finish(x);
    }

    private LinearExpression Correction(TimeGrid grid, in ReverseSdeStep step, LinearExpression[] estimates, int i)
    {
        int order = MultistepOrder.At(grid, i, Order, LowerOrderFinal, EulerAtFinal);
        if (order == 1)
            return default;
        // The estimate's derivatives by λ, in units of h, from backward differences.
        double r0 = (grid.Levels[i].Lambda - grid.Levels[i - 1].Lambda) / step.Length;
        var slope = (estimates[i] - estimates[i - 1]) / r0;
        if (order == 2)
            return (Slope == SlopeRule.Midpoint ? step.Moment(0) / 2 : step.Moment(1)) * slope;
        double r1 = (grid.Levels[i - 1].Lambda - grid.Levels[i - 2].Lambda) / step.Length;
        var curvature = (slope - (estimates[i - 1] - estimates[i - 2]) / r1) / (r0 + r1);
        return step.Moment(1) * (slope + r0 * curvature) + step.Moment(2) / 2 * curvature;
    }
}
