namespace Microsoft.ML.Diffusion;

/// <summary>The steps of a run as plans of their own.</summary>
internal static class SingleSteps
{
    /// <summary>A plan for each step of the grid; null where a run of the solver is more than its steps one after the other.</summary>
    /// <exception cref="ArgumentException">The solver can not use the grid.</exception>
    public static SamplingPlan[]? Of(ISolver solver, TimeGrid grid)
    {
        var whole = solver.Plan(grid);
        var steps = new SamplingPlan[grid.Steps];
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        for (int i = 0; i < steps.Length; i++)
        {
            try
            {
                steps[i] = solver.Plan(grid.Slice(i, i + 1));
            }
            catch (ArgumentException)
            {
                // It took the whole grid, but takes more than one step.
                return null;
            }
            x = trace.Append(steps[i], x);
        }
        var joined = trace.Finish(x);
        if (joined.Evaluations != whole.Evaluations || joined.CountOf(RegisterKind.Noise) != whole.CountOf(RegisterKind.Noise))
            return null;
        double expected = PlanProbe.Run(whole), actual = PlanProbe.Run(joined);
        // Rounding, grown by the length of the run; a step with a memory differs by parts of the result.
        return Math.Abs(actual - expected) <= 1e-6 * Math.Max(1, Math.Abs(expected)) ? steps : null;
    }
}
