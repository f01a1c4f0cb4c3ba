namespace Microsoft.ML.Diffusion;

/// <summary>The estimates at the points of a grid so far, of multistep solvers that put polynomials through them.</summary>
/// <param name="grid">The grid.</param>
internal sealed class EstimateHistory(TimeGrid grid)
{
    private readonly List<LinearExpression> _estimates = new(grid.Steps);
    private readonly double[] _lambdas = [.. grid.Levels.Select(level => level.Lambda)];
    private LinearExpression[] _points = [];

    /// <summary>The estimate at the next point.</summary>
    public void Add(LinearExpression estimate) => _estimates.Add(estimate);

    /// <summary>A single difference, in units of the step: to the estimate at its end, or from the one before its start.</summary>
    /// <param name="step">The step.</param>
    /// <param name="point">The index of the point where it starts.</param>
    /// <param name="end">The estimate at its end, where there is one.</param>
    public LinearExpression Difference(in ReverseSdeStep step, int point, LinearExpression? end)
        => step.Length == 0 ? default
            : end is { } last
            ? last - _estimates[point]
            : (_estimates[point] - _estimates[point - 1]) / (_lambdas[point] - _lambdas[point - 1]) * step.Length;

    /// <summary>What a polynomial adds, over a step, to the constant estimate at its start.</summary>
    /// <param name="step">The step.</param>
    /// <param name="point">The index of the point where it starts.</param>
    /// <param name="count">The number of estimates before its end: that at its start and those before.</param>
    /// <param name="end">The estimate at its end, where there is one.</param>
    public LinearExpression Interpolate(in ReverseSdeStep step, int point, int count, LinearExpression? end = null)
    {
        int total = end is null ? count : count + 1;
        // A step that goes nowhere adds nothing.
        if (total == 1 || step.Length == 0)
            return default;
        Span<double> nodes = stackalloc double[total];
        if (_points.Length < total)
            _points = new LinearExpression[total];
        for (int k = 0; k < count; k++)
        {
            nodes[k] = (_lambdas[point - k] - _lambdas[point]) / step.Length;
            _points[k] = _estimates[point - k];
        }
        if (end is not null)
            (nodes[count], _points[count]) = (1, end.Value);
        return step.Interpolate(nodes, _points.AsSpan(0, total));
    }
}
