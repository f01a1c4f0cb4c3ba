namespace Microsoft.ML.Diffusion;

/// <summary>
/// Annealed Langevin dynamics (Song and Ermon 2019, arXiv:1907.05600, algorithm 1): at each noisy level of the grid, steps x + ε·s + √(2ε)·z, whose
/// length ε is a share of the level's variance. A grid that ends at clean data ends with the denoising step x̂0 of NCSNv2 (Song and Ermon 2020,
/// arXiv:2006.09011, algorithm 1); one that ends at a noisy level ends with the steps there.
/// </summary>
/// <remarks>Levels of any α: the state is scaled from level to level, which changes nothing at α = 1. Not for grids that start at pure noise.</remarks>
/// <param name="stepSize">
/// ε/σ², the same at all levels; positive, below 2, where Langevin steps stop converging. 0.062 unless given, NCSNv2's for pictures of 32 px (the
/// paper's ε of 6.2e-6 is that at σ_L = 0.01).
/// </param>
/// <param name="stepsPerLevel">The number of steps a level; 1 … 10,000. 5 unless given.</param>
public sealed class AnnealedLangevinSolver(double stepSize = 0.062, int stepsPerLevel = 5) : ISolver
{
    /// <summary>ε/σ², the same at all levels.</summary>
    public double StepSize { get; } = stepSize is > 0 and < 2 ? stepSize : throw new ArgumentOutOfRangeException(nameof(stepSize), stepSize, "The step size must be in (0, 2).");

    /// <summary>The number of steps a level.</summary>
    public int StepsPerLevel { get; } = CorrectorOptions.CheckSteps(stepsPerLevel);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The grid starts at pure noise.</exception>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        if (grid.Levels[0].Alpha == 0)
            throw new ArgumentException("Annealed Langevin dynamics can not start at pure noise (α = 0); use a spacing of noise ratios with a finite largest one.", nameof(grid));
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        for (int i = 0; i <= grid.Steps; i++)
        {
            var level = grid.Levels[i];
            if (level.Sigma == 0)
                return trace.Finish(trace.Denoise(x, i - 1));
            if (i > 0)
                x = level.Alpha / grid.Levels[i - 1].Alpha * x;
            for (int k = 0; k < StepsPerLevel; k++)
            {
                x = trace.Store(x);
                var x0 = trace.Denoise(x, level, grid.Times[i], level);
                // ε·s = (ε/σ²)·(α·x̂0 − x).
                x += StepSize * (level.Alpha * x0 - x) + Math.Sqrt(2 * StepSize) * level.Sigma * trace.Noise();
            }
        }
        return trace.Finish(x);
    }
}
