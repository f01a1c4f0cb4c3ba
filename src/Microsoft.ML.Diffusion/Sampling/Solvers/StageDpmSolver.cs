namespace Microsoft.ML.Diffusion;

/// <summary>
/// DPM-Solver and DPM-Solver++, singlestep, of order 1 to 3, whose inner stages are points of the grid (diffusers'
/// DPMSolverSinglestepScheduler; Lu et al. 2022, arXiv:2206.00927, Algorithms 1 and 2, and arXiv:2211.01095, Algorithm 1, with r from the grid): a step of
/// order k spans k steps of the grid, so that a run takes one evaluation a step of the grid. With η &gt; 0 the reverse SDE. <see cref="SinglestepDpmSolver"/> places the
/// stages itself.
/// </summary>
/// <param name="order">The order, 1 to 3. 2 unless given; 1 is <see cref="DdimSolver"/>.</param>
/// <param name="eta">η in [0, ∞]: how much of the reverse SDE's noise each step adds. 0, deterministic, unless given.</param>
/// <param name="noiseScale">The standard deviation of the noise (s_noise), in [0, ∞). 1 unless given; 1 where η is 0.</param>
public sealed class StageDpmSolver(int order = 2, double eta = 0, double noiseScale = 1) : DpmGridSolver(order, eta, noiseScale)
{
    /// <summary>
    /// Whether the run ends with a step of order 1 also where the number of steps is a multiple of the order; where it is none, the last steps are of lower order in any case. True unless set.
    /// </summary>
    public bool LowerOrderFinal { get; init; } = true;

    /// <inheritdoc/>
    public override SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        int[] stages = Stages(grid);
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        int start = 0;
        LinearExpression origin = default, answer = default;
        var estimates = new LinearExpression[grid.Steps];
        for (int i = 0; i < grid.Steps; i++)
        {
            if (stages[i] == 1)
                (start, origin) = (i, x = trace.Store(x));
            var whole = new ReverseSdeStep(grid.Levels[start], grid.Levels[i + 1], Eta, Estimate);
            x = trace.Store(x);
            var x0 = trace.Denoise(x, i, whole.Variance(NoiseScale));
            if (i == start)
                answer = x0;
            if (Order > 1)
                estimates[i] = new ReverseSdeStep(grid.Levels[i], grid.Levels[i + 1], Eta, Estimate).Estimate(trace, x, x0);
            x = whole.Renew(trace, whole.Mean(origin, answer) + Correction(grid, whole, estimates, start, i), NoiseScale);
        }
        return trace.Finish(x);
    }

    private LinearExpression Correction(TimeGrid grid, ReverseSdeStep whole, LinearExpression[] estimates, int start, int i)
    {
        if (i == start)
            return default;
        if (Slope == SlopeRule.Midpoint)
            // Order 3: the slope by the last stage alone (arXiv:2206.00927, eq. 3.7).
            return (i == start + 1 ? whole.Moment(0) / 2 : whole.Moment(1)) / Node(i) * (estimates[i] - estimates[start]);
        var stages = Enumerable.Range(start, i - start + 1).ToArray();
        return whole.Interpolate([.. stages.Select(Node)], [.. stages.Select(k => estimates[k])]);

        double Node(int k) => (grid.Levels[k].Lambda - grid.Levels[start].Lambda) / whole.Length;
    }

    // 1, 2, … up to the order, again and again: which stage of its step each point of the grid is. diffusers' get_order_list.
    private int[] Stages(TimeGrid grid)
    {
        int steps = grid.Steps;
        // The step from pure noise is infinite, and has no stages.
        int pure = grid.Levels[0].Alpha == 0 ? 1 : 0;
        bool whole = (steps - pure) % Order == 0;
        int[] stages = [.. Enumerable.Range(-pure, steps).Select(k => k < 0 ? 1 : k % Order + 1)];
        if ((LowerOrderFinal && whole) || grid.Levels[^1].Sigma == 0)
            stages[^1] = 1;
        return stages;
    }
}
