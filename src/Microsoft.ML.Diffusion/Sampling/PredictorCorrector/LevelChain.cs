namespace Microsoft.ML.Diffusion;

/// <summary>
/// The chain that visits the levels of the grid, x_next = (α_next/α)·x + √(σ_next² − (α_next/α)²·σ²)·z: exact on every grid, whatever its
/// spacing and schedule.
/// </summary>
public sealed class LevelChain : IForwardChain
{
    /// <inheritdoc/>
    public ForwardLink Link(TimeGrid grid, int step)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var (noisier, cleaner) = (grid.Levels[step], grid.Levels[step + 1]);
        var forward = new SdeStep(noisier.Alpha / cleaner.Alpha - 1, noisier.Sigma * Math.Sqrt(noisier.RenewedShare(cleaner)));
        return new ForwardLink(forward, cleaner, noisier, grid.Times[step] - grid.Times[step + 1]);
    }
}
