namespace Microsoft.ML.Diffusion;

/// <summary>
/// Annealed Markov chain Monte Carlo (Du et al. 2023, arXiv:2302.11552, algorithm 1; Sjöberg et al. 2023, arXiv:2307.14012): at each noisy level a few
/// steps of a Markov chain on the density that the denoiser has learned, then an ancestral step to the next level, from the answer at hand. A grid
/// that ends at clean data ends with the denoiser's estimate.
/// </summary>
/// <remarks>
/// Acceptance probabilities come from integrals of the score, so that they are exact but for the rule of integration. Pure noise (α = 0) is
/// its own sample: there no chain runs. The rate of acceptance is told through <see cref="SamplingProgress.AcceptanceRate"/>.
/// </remarks>
/// <param name="kernel">The chain's kernel, for a level with σ = 1; at other levels its lengths are multiplied by σ.</param>
/// <param name="stepsPerLevel">The number of the chain's steps a level; 1 … 10,000. 4 unless given.</param>
/// <param name="innerPoints">How many points between two states the integral uses: 0, the trapezoid, unless given, to 3. Each costs an evaluation a step.</param>
public sealed class AnnealedMcmcSampler(MarkovKernel kernel, int stepsPerLevel = 4, int innerPoints = 0) : ISampler
{
    /// <summary>The chain's kernel, for a level with σ = 1.</summary>
    public MarkovKernel Kernel { get; } = kernel ?? throw new ArgumentNullException(nameof(kernel));

    /// <summary>The number of the chain's steps a level.</summary>
    public int StepsPerLevel { get; } = CorrectorOptions.CheckSteps(stepsPerLevel);

    /// <summary>How many points between two states the integral uses.</summary>
    public int InnerPoints { get; } = DenoiserLogDensity.CheckInnerPoints(innerPoints);

    /// <inheritdoc/>
    public ISamplingProgram Prepare(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        return new AnnealedMcmcProgram(this, grid);
    }
}
