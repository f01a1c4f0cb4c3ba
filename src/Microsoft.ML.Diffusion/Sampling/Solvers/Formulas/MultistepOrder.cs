namespace Microsoft.ML.Diffusion;

/// <summary>The order of each step of a multistep solver.</summary>
internal static class MultistepOrder
{
    // diffusers' lower_order_final acts below so many steps.
    private const int FewSteps = 15;

    /// <summary>The order as given, of solvers that know 1 to 3.</summary>
    public static int CheckRange(int order)
        => order is >= 1 and <= 3 ? order : throw new ArgumentOutOfRangeException(nameof(order), order, "The order must be in 1 … 3.");

    /// <summary>The highest order that a step can have: limited by the evaluations before it, those at pure noise apart, and 1 to clean data.</summary>
    public static int Highest(TimeGrid grid, int step, int order)
        => grid.Levels[step + 1].Sigma == 0 ? 1 : Math.Clamp(step + 1 - PureStart(grid), 1, order);

    /// <summary>The same, with orders that fall to 1 at the end of short runs, or of all.</summary>
    /// <param name="grid">The grid.</param>
    /// <param name="step">The index of the step.</param>
    /// <param name="order">The order of the solver.</param>
    /// <param name="lowerOrderFinal">Whether the last step but one is of order 2 at most and the last of order 1, in runs of fewer than 15 steps.</param>
    /// <param name="eulerAtFinal">Whether the last step is of order 1.</param>
    public static int At(TimeGrid grid, int step, int order, bool lowerOrderFinal, bool eulerAtFinal = false)
    {
        int left = grid.Steps - step;
        if (lowerOrderFinal && grid.Steps < FewSteps)
            order = Math.Min(order, left);
        if (eulerAtFinal && left == 1)
            order = 1;
        return Highest(grid, step, order);
    }

    private static int PureStart(TimeGrid grid) => grid.Levels[0].Alpha == 0 ? 1 : 0;
}
