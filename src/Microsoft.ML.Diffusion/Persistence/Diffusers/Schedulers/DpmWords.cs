namespace Microsoft.ML.Diffusion;

/// <summary>algorithm_type and solver_type of the DPM-Solvers of diffusers.</summary>
internal static class DpmWords
{
    public static SchedulerOption[] Options { get; } =
    [
        new("algorithm_type", "dpmsolver++", "what is interpolated: dpmsolver++ (x̂0), dpmsolver (ε̂), sde-dpmsolver++ and sde-dpmsolver (with noise)"),
        new("solver_type", "midpoint", "how slopes are integrated: midpoint, heun"),
    ];

    // What other classes call their own is rewritten by these, as here.
    public static (SolverEstimate Estimate, double Eta) Algorithm(SchedulerValues values, bool noises = true, bool epsilon = true)
    {
        List<(string, (SolverEstimate, double))> known = [("dpmsolver++", (SolverEstimate.X0, 0)), ("sde-dpmsolver++", (SolverEstimate.X0, 1)), ("deis", (SolverEstimate.X0, 0))];
        if (epsilon)
            known.Add(("dpmsolver", (SolverEstimate.Epsilon, 0)));
        if (epsilon && noises)
            known.Add(("sde-dpmsolver", (SolverEstimate.Epsilon, 1)));
        return values.Word("algorithm_type", known);
    }

    public static SlopeRule Slope(SchedulerValues values) => values.Word("solver_type",
        ("midpoint", SlopeRule.Midpoint), ("heun", SlopeRule.Exact), ("logrho", SlopeRule.Midpoint), ("bh1", SlopeRule.Midpoint), ("bh2", SlopeRule.Midpoint));
}
