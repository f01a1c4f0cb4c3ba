namespace Microsoft.ML.Diffusion;

/// <summary>
/// The schedule's own chain with as many links as the grid has steps (<see cref="NoiseSchedule.Discretize"/>), each of duration 1/N: that of the
/// score-SDE reference (Song et al. 2021, arXiv:2011.13456, appendix E). For grids whose times are evenly spaced, from 1 down to about 0.
/// </summary>
public sealed class UniformChain : IForwardChain
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The grid has fewer steps than the schedule's chain needs.</exception>
    public ForwardLink Link(TimeGrid grid, int step)
    {
        ArgumentNullException.ThrowIfNull(grid);
        double last = grid.Steps - 1;
        int link = WholePart.Of(grid.Times[step] * last);
        return new ForwardLink(
            grid.Schedule.Discretize(grid.Times[step], grid.Steps),
            link == 0 ? NoiseLevel.Clean : grid.Schedule.At((link - 1) / last),
            grid.Schedule.At(link / last),
            1.0 / grid.Steps);
    }
}
