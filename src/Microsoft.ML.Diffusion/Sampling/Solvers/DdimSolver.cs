namespace Microsoft.ML.Diffusion;

/// <summary>
/// DDIM (Song et al. 2021, arXiv:2010.02502, eq. 12 and 16), for any Gaussian process: deterministic with η = 0, DDPM's ancestral
/// sampling with η = 1, which is k-diffusion's ancestral Euler. Order 1. Takes grids that start at pure noise (α = 0).
/// </summary>
/// <param name="eta">
/// η in [0, ∞]: how much of DDPM's noise each step adds. Above 1 it adds more, up to all the noise of the level where the step ends
/// (k-diffusion's cap); with η = ∞ each step goes to x̂0 and back up with fresh noise. That is how consistency models are sampled
/// (Song et al. 2023, arXiv:2303.01469, Algorithm 1), whose answers are samples; of answers that are means it makes too smooth ones.
/// </param>
/// <param name="noiseScale">The standard deviation of the noise (s_noise of k-diffusion), in [0, ∞). 1 unless given; 1 where η is 0.</param>
public sealed class DdimSolver(double eta = 0, double noiseScale = 1) : ISolver
{
    /// <summary>How much of DDPM's noise each step adds.</summary>
    public double Eta { get; } = StepNoise.CheckEta(eta);

    /// <summary>The standard deviation of the noise.</summary>
    public double NoiseScale { get; } = StepNoise.CheckScale(noiseScale, eta);

    /// <summary>
    /// The limit of x̂0, beside which ε̂ stays as the denoiser gave it (diffusers' DDIM with <c>clip_sample</c>): a denoiser that limits its estimates itself changes both. None unless set.
    /// </summary>
    public EstimateLimit? Limit { get; init; }

    /// <inheritdoc/>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        for (int i = 0; i < grid.Steps; i++)
        {
            var from = grid.Levels[i];
            var split = AncestralSplit.Of(from, grid.Arrival(i), Eta);
            x = trace.Store(x);
            var x0 = trace.Denoise(x, i, split.Variance(NoiseScale));
            var down = Limit is null
                ? ConstantFlow.To(from, split.Down, x, x0)
                // Eq. 12 with the two estimates apart.
                : split.Down.Alpha * trace.Limit(x0, Limit) + split.Down.Sigma * NoiseEstimate.Of(from, x, x0);
            x = split.Renew(trace, down, NoiseScale);
        }
        return trace.Finish(x);
    }
}
