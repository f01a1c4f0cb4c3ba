namespace Microsoft.ML.Diffusion;

/// <summary>The step of a run in which predictors and correctors are asked for their algebra.</summary>
public sealed class PredictorCorrectorStep
{
    private readonly TimeGrid _grid;
    private readonly int _index;

    internal PredictorCorrectorStep(PlanTracer trace, TimeGrid grid, int index, IForwardChain chain)
    {
        Trace = trace;
        _grid = grid;
        _index = index;
        Link = chain.Link(grid, index);
    }

    /// <summary>The recording.</summary>
    public PlanTracer Trace { get; }

    /// <summary>The level at which the step starts.</summary>
    public NoiseLevel Level => _grid.Levels[_index];

    /// <summary>The link of the forward chain that the step turns round.</summary>
    public ForwardLink Link { get; }

    /// <summary>f and g² of the schedule's SDE where the step starts.</summary>
    public SdeCoefficients Sde => _grid.Schedule.SdeAt(_grid.Times[_index]);

    /// <summary>Whether the step ends at clean data, so that it adds no noise.</summary>
    public bool EndsClean => _grid.Levels[_index + 1].Sigma == 0;

    /// <summary>The score where a step to the next level starts: ∇ ln p(x) = (α·x̂0 − x)/σ².</summary>
    /// <param name="x">The state; a stored one afterwards.</param>
    /// <param name="deviation">The standard deviation of the noise that the step adds, unless it ends clean.</param>
    public LinearExpression Score(ref LinearExpression x, double deviation)
        => Score(ref x, _grid.Levels[_index + 1], EndsClean ? 0 : deviation * deviation);

    /// <summary>The score where a step that stays at its level starts: ∇ ln p(x) = (α·x̂0 − x)/σ².</summary>
    /// <param name="x">The state; a stored one afterwards.</param>
    public LinearExpression Score(ref LinearExpression x) => Score(ref x, Level, 0);

    private LinearExpression Score(ref LinearExpression x, NoiseLevel target, double variance)
    {
        x = Trace.Store(x);
        var (alpha, sigma) = Level;
        return (alpha * Trace.Denoise(x, Level, _grid.Times[_index], target, variance) - x) / (sigma * sigma);
    }
}
