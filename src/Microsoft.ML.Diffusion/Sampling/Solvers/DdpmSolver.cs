namespace Microsoft.ML.Diffusion;

/// <summary>
/// DDPM's ancestral sampling (Ho et al. 2020, arXiv:2006.11239, Algorithm 2, eq. 7), between any two levels (Kingma et al. 2021,
/// arXiv:2107.00630, eq. 25 to 28). Order 1, stochastic. Takes grids that start at pure noise (α = 0).
/// </summary>
/// <param name="variance">The variance of the noise that each step adds: the posterior's unless given.</param>
public sealed class DdpmSolver(ReverseVariance variance = ReverseVariance.Small) : ISolver
{
    /// <summary>The variance of the noise that each step adds.</summary>
    public ReverseVariance Variance { get; } = Enum.IsDefined(variance) ? variance : throw new ArgumentOutOfRangeException(nameof(variance), variance, "Expected Small, Large or Learned.");

    /// <inheritdoc/>
    /// <remarks>A plan with learned variance tells guidance the posterior's, for the network's is known only with its answer.</remarks>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        for (int i = 0; i < grid.Steps; i++)
        {
            var (alpha, sigma) = grid.Levels[i];
            var (alphaNext, sigmaNext) = grid.Levels[i + 1];
            double share = grid.Levels[i].RenewedShare(grid.Levels[i + 1]);
            // β = σ²·share, and β̃ = σ_next²·share. The step that ends clean adds no noise.
            double variance = sigmaNext == 0 ? 0 : share * (Variance == ReverseVariance.Large ? sigma * sigma : sigmaNext * sigmaNext);
            x = trace.Store(x);
            var x0 = trace.Denoise(x, i, variance);
            double keep = sigmaNext == 0 ? 0 : alpha / alphaNext * (sigmaNext / sigma) * (sigmaNext / sigma);
            x = alphaNext * share * x0 + keep * x;
            if (sigmaNext == 0)
                continue;
            x += Variance == ReverseVariance.Learned
                ? trace.Multiply(PlanTracer.LearnedDeviation(x0), trace.Noise())
                : Math.Sqrt(variance) * trace.Noise();
        }
        return trace.Finish(x);
    }
}
