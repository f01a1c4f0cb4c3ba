namespace Microsoft.ML.Diffusion;

/// <summary>
/// DPM-Solver++(2M), multistep (Lu et al. 2022, arXiv:2211.01095, Algorithm 2): order 2 with one evaluation a step. The first step,
/// and one that ends at clean data, are of order 1, as in diffusers and k-diffusion; so is the last of a run of fewer than 15 steps.
/// </summary>
/// <param name="heunCorrection">
/// Whether the second-order term is integrated exactly (diffusers' solver type "heun") instead of by the midpoint rule of the paper.
/// </param>
public sealed class DpmSolverPlusPlus2MSolver(bool heunCorrection = false) : ISolver
{
    // Below so many steps the last one is of order 1, which is steadier (diffusers, lower_order_final).
    private const int FewSteps = 15;

    /// <summary>Whether the second-order term is integrated exactly instead of by the midpoint rule.</summary>
    public bool HeunCorrection { get; } = heunCorrection;

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
            // Infinite from pure noise and to clean data.
            double length = to.Lambda - from.Lambda;
            // 1 − e^(−h): 1 for an infinite step, which gives DDIM's.
            double change = -ExpMinusOne.Of(-length);
            x = trace.Store(x);
            var x0 = trace.Denoise(x, i);
            x = to.Sigma / from.Sigma * x + to.Alpha * change * x0;
            bool first = i == 0 || to.Sigma == 0 || (i == grid.Steps - 1 && grid.Steps < FewSteps);
            if (!first)
            {
                // (x0 − previous)/r with r = h_(i−1)/h_i; 0 where the step before came from pure noise.
                double inverseRatio = length / (from.Lambda - grid.Levels[i - 1].Lambda);
                double weight = HeunCorrection ? 1 - change / length : change / 2;
                x += to.Alpha * weight * inverseRatio * (x0 - previous);
            }
            previous = x0;
        }
        return trace.Finish(x);
    }
}
