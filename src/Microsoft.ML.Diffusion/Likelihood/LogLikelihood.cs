using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The density that a denoiser gives to data: the probability-flow ODE carries data to noise, of known density, and the divergence of its velocity adds up to the change
/// of the density (Chen et al. 2018, arXiv:1806.07366; Song et al. 2021, arXiv:2011.13456, eq. 39): ln p(x) = ln p_prior(x_T) + ∫ ∇·(α'·x̂0 + σ'·ε̂) dt.
/// </summary>
/// <remarks>
/// Immutable and thread safe. A row's result depends on that row alone (but for <see cref="AdaptiveStepping.WholeBatch"/>). The state is Float64, whatever the type in
/// which the denoiser computes.
/// </remarks>
/// <param name="options">Tolerances, trace and prior; those of <see cref="LogLikelihoodOptions"/> unless given.</param>
public sealed class LogLikelihood(LogLikelihoodOptions? options = null)
{
    /// <summary>Tolerances, trace and prior.</summary>
    public LogLikelihoodOptions Options { get; } = options ?? new LogLikelihoodOptions();

    /// <summary>
    /// The log-density of a batch at the cleanest noisy level of a grid. It is that of data with the noise of this level: for clean data x0, pass α·x0 and add d·ln α.
    /// </summary>
    /// <param name="grid">Its first level is the prior's, its last one that of x; the schedule's smallest noise ratio where the grid ends at clean data, see <see cref="DataLevel"/>.</param>
    /// <param name="denoiser">The denoiser; gradients must flow through it.</param>
    /// <param name="x">x [B, ...]; the denoiser is asked in its type.</param>
    /// <param name="condition">The condition of each row.</param>
    /// <param name="noise">The source of probes: draws from <paramref name="firstDraw"/> on. Not drawn from where the trace is exact.</param>
    /// <param name="firstDraw">The number of the first draw. 0 unless given.</param>
    /// <param name="progress">Told after each evaluation; nobody unless given.</param>
    /// <param name="cancellationToken">Ends the run before the next evaluation.</param>
    /// <exception cref="InvalidOperationException">
    /// The denoiser answered with NaN or infinity, records no gradient, or needed too many evaluations; says where.
    /// </exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public LikelihoodResult Compute(
        TimeGrid grid,
        IDenoiser denoiser,
        Tensor x,
        Conditioning condition,
        INoiseSource noise,
        int firstDraw = 0,
        IProgress<SamplingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grid);
        SamplingArguments.Check(denoiser, x, condition, noise);
        var path = OdePath.Of(grid);
        using var off = no_grad();
        using var flow = new LikelihoodFlow(new ProbabilityFlow(denoiser, path, condition, x.shape, progress), x, Options, noise, firstDraw);
        var integrator = new AdaptiveRungeKutta(flow, Options.Stepping, cancellationToken);
        using var start = LikelihoodFlow.StartOf(x);
        using var end = integrator.Integrate(start, path.Clean, path.Noisy);
        using var states = end.narrow(1, 0, end.size(1) - 1);
        using var gains = end.select(1, end.size(1) - 1);
        using var prior = NormalLogDensity(states, Options.PriorDeviation ?? grid.PriorScale);
        using var latent = states.reshape(x.shape);
        return new LikelihoodResult(prior.Plus(gains), latent.clone(), integrator.Evaluations);
    }

    /// <summary>The level of a grid at which densities are computed: its last, or the schedule's smallest noise ratio where that is clean data.</summary>
    /// <param name="grid">The grid.</param>
    public static NoiseLevel DataLevel(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var path = OdePath.Of(grid);
        return path.LevelAt(path.Clean);
    }

    /// <summary>−ln p/(d·ln 2): bits per value, from the log-density in nats.</summary>
    /// <param name="logDensity">ln p.</param>
    /// <param name="dimensions">d, the number of values of a row; positive.</param>
    /// <param name="binWidth">
    /// The width of the bins that stand for a discrete value, in the units of the density: 1 for pixels from 0 to 255, 2/255 for those in [−1, 1]. 1 unless given.
    /// </param>
    public static double BitsPerDimension(double logDensity, int dimensions, double binWidth = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (!(binWidth > 0 && double.IsFinite(binWidth)))
            throw new ArgumentOutOfRangeException(nameof(binWidth), binWidth, "The width of a bin must be positive and finite.");
        return -(logDensity / dimensions + Math.Log(binWidth)) / Math.Log(2);
    }

    private static Tensor NormalLogDensity(Tensor rows, double deviation)
    {
        using var squares = rows.Squared();
        using var sums = squares.sum(1);
        using var exponents = sums.Times(-0.5 / (deviation * deviation));
        using TorchSharp.Scalar scale = -rows.size(1) * (Math.Log(2 * Math.PI) / 2 + Math.Log(deviation));
        return exponents.add(scale);
    }
}
