namespace Microsoft.ML.Diffusion;

/// <summary>
/// Predictor–corrector sampling (Song et al. 2021, arXiv:2011.13456, algorithm 1): at each level a corrector's Markov chain, then a predictor's step to
/// the next. Every predictor goes with every corrector, and either may be absent. A step that ends at clean data adds no noise.
/// </summary>
/// <remarks>
/// Stochastic, of order 1, for many steps. Not for grids that start at pure noise (α = 0), whose first step no SDE describes: there a spacing of noise
/// ratios helps, such as <see cref="KarrasSpacing"/> with a finite largest ratio.
/// </remarks>
public sealed class PredictorCorrectorSolver : ISolver
{
    /// <summary>A solver of a predictor and a corrector.</summary>
    /// <param name="predictor">The predictor; null for none, so that the corrector alone brings the state from level to level.</param>
    /// <param name="corrector">The corrector; null for none.</param>
    /// <param name="chain">The chain of noising steps that the predictor turns round; <see cref="KnownForwardChains.Levels"/> unless given.</param>
    /// <exception cref="ArgumentException">Neither a predictor nor a corrector.</exception>
    public PredictorCorrectorSolver(IPredictor? predictor, ICorrector? corrector, IForwardChain? chain = null)
    {
        if (predictor is null && corrector is null)
            throw new ArgumentException("Predictor–corrector sampling needs a predictor, a corrector or both, got neither.", nameof(predictor));
        Predictor = predictor;
        Corrector = corrector;
        Chain = chain ?? KnownForwardChains.Levels;
    }

    /// <summary>The predictor; null for none.</summary>
    public IPredictor? Predictor { get; }

    /// <summary>The corrector; null for none.</summary>
    public ICorrector? Corrector { get; }

    /// <summary>The chain of noising steps that the predictor turns round.</summary>
    public IForwardChain Chain { get; }

    bool ISampler.MixesRows => Corrector is { MixesRows: true };

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The grid starts at pure noise.</exception>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        if (grid.Levels[0].Alpha == 0)
            throw new ArgumentException("Predictor–corrector sampling can not start at pure noise (α = 0); use a spacing of noise ratios with a finite largest one.", nameof(grid));
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        for (int i = 0; i < grid.Steps; i++)
        {
            var step = new PredictorCorrectorStep(trace, grid, i, Chain);
            x = Corrector?.Correct(step, x) ?? x;
            if (Predictor is null)
                continue;
            (x, double deviation) = Predictor.Predict(step, x);
            if (deviation > 0 && !step.EndsClean)
                x += deviation * trace.Noise();
        }
        return trace.Finish(x);
    }
}
