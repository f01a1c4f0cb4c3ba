namespace Microsoft.ML.Diffusion;

/// <summary>A discrete schedule of any β: diffusers' <c>trained_betas</c>.</summary>
/// <param name="table">β of each step, in (0, 1), the last also 1; at least two.</param>
public sealed class BetaTableSchedule(IReadOnlyList<double> table) : DiscreteSchedule([.. table ?? throw new ArgumentNullException(nameof(table))])
{
    /// <summary>β of each step.</summary>
    public IReadOnlyList<double> Table { get; } = [.. table];
}
