namespace Microsoft.ML.Diffusion;

/// <summary>
/// Linear multistep: Adams–Bashforth on an uneven grid, of the probability-flow ODE in σ/α, d(x/α) = ε̂·d(σ/α) (k-diffusion's
/// <c>sample_lms</c>; ρAB-DEIS of Zhang and Chen 2023, arXiv:2204.13902). One evaluation a step; the first steps are of as high an
/// order as the answers before them allow. A step from pure noise is DDIM's, and counts for none after it.
/// </summary>
/// <param name="order">The order, 1 to 4. 4 unless given; 1 is <see cref="DdimSolver"/>.</param>
public sealed class LmsSolver(int order = 4) : ISolver
{
    /// <summary>The order.</summary>
    public int Order { get; } = order is >= 1 and <= 4 ? order : throw new ArgumentOutOfRangeException(nameof(order), order, "The order must be in 1 … 4.");

    /// <inheritdoc/>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        int start = grid.Levels[0].Alpha == 0 ? 1 : 0;
        double[] ratios = [.. grid.Levels.Select(level => level.Ratio)];
        var noises = new LinearExpression[grid.Steps];
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        for (int i = 0; i < grid.Steps; i++)
        {
            var (from, to) = (grid.Levels[i], grid.Levels[i + 1]);
            x = trace.Store(x);
            var x0 = trace.Denoise(x, i);
            int nodes = Math.Min(Order, i - start + 1);
            if (Order > 1 && nodes > 0)
                noises[i] = trace.Store(NoiseEstimate.Of(from, x, x0));
            if (nodes < 2)
            {
                x = ConstantFlow.To(from, to, x, x0);
                continue;
            }
            x = to.Alpha / from.Alpha * x;
            for (int back = 0; back < nodes; back++)
                x += to.Alpha * Weight(ratios, i, back, nodes) * noises[i - back];
        }
        return trace.Finish(x);
    }

    // The integral over a step of the Lagrange polynomial that is 1 at one node: a cubic at most, for which two Gauss–Legendre points are exact.
    private static double Weight(double[] ratios, int step, int back, int nodes)
    {
        double middle = (ratios[step] + ratios[step + 1]) / 2, half = (ratios[step + 1] - ratios[step]) / 2;
        return half * (Lagrange(middle - half / Math.Sqrt(3)) + Lagrange(middle + half / Math.Sqrt(3)));

        double Lagrange(double ratio)
        {
            double value = 1;
            for (int k = 0; k < nodes; k++)
                if (k != back)
                    value *= (ratio - ratios[step - k]) / (ratios[step - back] - ratios[step - k]);
            return value;
        }
    }
}
