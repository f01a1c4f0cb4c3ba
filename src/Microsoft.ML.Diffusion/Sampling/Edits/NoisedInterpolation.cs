namespace Microsoft.ML.Diffusion;

/// <summary>
/// Between two sources (Ho et al. 2020, arXiv:2006.11239, section 4.4): both are noised to a level, mixed linearly there, and denoised from it. What the
/// level's noise hides is common to both; the rest fades from one to the other.
/// </summary>
public static class NoisedInterpolation
{
    /// <summary>The plan.</summary>
    /// <param name="solver">The solver.</param>
    /// <param name="rest">What remains of a grid: <see cref="ImageToImage.Rest"/> or <see cref="TimeGrid.From"/>.</param>
    /// <param name="level">The level to which the sources are noised; the first of the rest unless given.</param>
    /// <returns>A plan that starts from the prior's noise, with three inputs: the two sources in model space, and the weight of the second, in [0, 1].</returns>
    public static SamplingPlan Plan(ISolver solver, TimeGrid rest, NoiseLevel? level = null)
    {
        ArgumentNullException.ThrowIfNull(solver);
        ArgumentNullException.ThrowIfNull(rest);
        var trace = new PlanTracer(rest);
        var (alpha, sigma) = level ?? rest.Levels[0];
        var first = alpha * trace.Input() + sigma / rest.PriorScale * trace.Start;
        var second = alpha * trace.Input() + sigma * trace.Noise();
        return trace.Finish(trace.Append(solver.Plan(rest), trace.Blend(trace.Input(), second, first)));
    }
}
