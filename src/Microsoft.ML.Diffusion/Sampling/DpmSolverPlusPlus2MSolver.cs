namespace Microsoft.ML.Diffusion;

/// <summary>
/// DPM-Solver++(2M), multistep (Lu et al. 2022, arXiv:2211.01095, Algorithm 2): order 2 with one evaluation a step. With η > 0 its SDE
/// form, SDE-DPM-Solver++(2M) (appendix D; k-diffusion's <c>sample_dpmpp_2m_sde</c>). The first step, and one that ends at clean data, are of
/// order 1, as in diffusers and k-diffusion; so is the last of a run of fewer than 15 steps.
/// </summary>
/// <param name="heunCorrection">
/// Whether the second-order term is integrated exactly (diffusers' and k-diffusion's solver type "heun") instead of by the midpoint rule of
/// the paper.
/// </param>
/// <param name="eta">η in [0, ∞]: how much of the reverse SDE's noise each step adds. 0, deterministic, unless given.</param>
/// <param name="noiseScale">The standard deviation of the noise (s_noise), in [0, ∞). 1 unless given; 1 where η is 0.</param>
public sealed class DpmSolverPlusPlus2MSolver(bool heunCorrection = false, double eta = 0, double noiseScale = 1) : ISolver
{
    // Below so many steps the last one is of order 1, which is steadier (diffusers, lower_order_final).
    private const int FewSteps = 15;

    /// <summary>Whether the second-order term is integrated exactly instead of by the midpoint rule.</summary>
    public bool HeunCorrection { get; } = heunCorrection;

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
        var previous = default(LinearExpression);
        for (int i = 0; i < grid.Steps; i++)
        {
            var (from, to) = (grid.Levels[i], grid.Levels[i + 1]);
            var step = new ReverseSdeStep(from, to, Eta);
            x = trace.Store(x);
            var x0 = trace.Denoise(x, i, step.Variance(NoiseScale));
            x = step.Mean(x, x0);
            bool first = i == 0 || to.Sigma == 0 || (i == grid.Steps - 1 && grid.Steps < FewSteps);
            if (!first)
            {
                // (x0 − previous)/r with r = h_(i−1)/h_i; 0 where the step before came from pure noise.
                double inverseRatio = step.Step / (from.Lambda - grid.Levels[i - 1].Lambda);
                x += step.Correct((HeunCorrection ? step.Phi2 : step.Change / 2) * inverseRatio, x0 - previous);
            }
            x = step.Renew(trace, x, NoiseScale);
            previous = x0;
        }
        return trace.Finish(x);
    }
}
