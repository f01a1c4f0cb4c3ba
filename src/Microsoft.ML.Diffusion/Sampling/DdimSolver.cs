namespace Microsoft.ML.Diffusion;

/// <summary>
/// DDIM (Song et al. 2021, arXiv:2010.02502, eq. 12 and 16), for any Gaussian process: deterministic with η = 0, DDPM's ancestral
/// sampling with η = 1. Order 1. Takes grids that start at pure noise (α = 0).
/// </summary>
/// <param name="eta">η in [0, 1]: how much of DDPM's noise each step adds.</param>
public sealed class DdimSolver(double eta = 0) : ISolver
{
    /// <summary>How much of DDPM's noise each step adds.</summary>
    public double Eta { get; } = eta is >= 0 and <= 1 ? eta : throw new ArgumentOutOfRangeException(nameof(eta), eta, "η must be in [0, 1].");

    /// <inheritdoc/>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        for (int i = 0; i < grid.Steps; i++)
        {
            var (alpha, sigma) = grid.Levels[i];
            var (alphaNext, sigmaNext) = grid.Levels[i + 1];
            // Eq. 16, for α² + σ² of any size; the share of the next noise that is fresh.
            double share = Eta * Eta * grid.Levels[i].RenewedShare(grid.Levels[i + 1]);
            double fresh = sigmaNext * Math.Sqrt(share);
            x = trace.Store(x);
            var x0 = trace.Denoise(x, i, fresh * fresh);
            // Eq. 12 with ε = (x − α·x0)/σ.
            double direction = sigmaNext * Math.Sqrt(1 - share) / sigma;
            x = (alphaNext - direction * alpha) * x0 + direction * x;
            if (fresh > 0)
                x += fresh * trace.Noise();
        }
        return trace.Finish(x);
    }
}
