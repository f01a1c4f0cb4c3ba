using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The density that a denoiser has learned at a noise level. Its score is (α·x̂0 − x)/σ²; the difference of its logarithm between two states is the
/// integral of the score along the segment between them (Sjöberg et al. 2023, arXiv:2307.14012, eq. 10), by Lobatto's rule, whose end points are
/// answers that a chain has at hand.
/// </summary>
public sealed class DenoiserLogDensity : ILogDensity
{
    // Lobatto's rules on [0, 1]: the weight of each end, and the inner points with theirs. Exact to degree 2n + 1 for n inner points.
    private static readonly (double End, (double At, double Weight)[] Inner)[] Rules =
    [
        (1.0 / 2, []),
        (1.0 / 6, [(0.5, 2.0 / 3)]),
        (1.0 / 12, [((1 - Math.Sqrt(1.0 / 5)) / 2, 5.0 / 12), ((1 + Math.Sqrt(1.0 / 5)) / 2, 5.0 / 12)]),
        (1.0 / 20, [((1 - Math.Sqrt(3.0 / 7)) / 2, 49.0 / 180), (0.5, 16.0 / 45), ((1 + Math.Sqrt(3.0 / 7)) / 2, 49.0 / 180)]),
    ];

    private readonly IDenoiser _denoiser;
    private readonly StepContext _step;
    private readonly Conditioning _condition;

    /// <summary>The density of a denoiser at a level.</summary>
    /// <param name="denoiser">The denoiser.</param>
    /// <param name="level">The level; not clean, where a denoiser has no score.</param>
    /// <param name="condition">The condition of each row.</param>
    /// <param name="time">The time of the level in the schedule, where known.</param>
    /// <param name="innerPoints">How many points between two states the rule uses: 0 (the trapezoid) to 3. Each costs an evaluation for each ratio.</param>
    /// <exception cref="ArgumentOutOfRangeException">The level is clean, or the number of points is outside 0 to 3.</exception>
    public DenoiserLogDensity(IDenoiser denoiser, NoiseLevel level, Conditioning condition, double? time = null, int innerPoints = 0)
    {
        ArgumentNullException.ThrowIfNull(denoiser);
        ArgumentNullException.ThrowIfNull(condition);
        if (!(level.Sigma > 0))
            throw new ArgumentOutOfRangeException(nameof(level), level, "A denoiser has a score only where there is noise: σ must be positive.");
        InnerPoints = CheckInnerPoints(innerPoints);
        Level = level;
        _denoiser = denoiser;
        _condition = condition;
        _step = new StepContext(new NoiseLevels(level, time), level);
    }

    /// <summary>The level.</summary>
    public NoiseLevel Level { get; }

    /// <summary>How many points between two states the rule uses.</summary>
    public int InnerPoints { get; }

    /// <summary>The number of points as given.</summary>
    internal static int CheckInnerPoints(int innerPoints) => innerPoints >= 0 && innerPoints < Rules.Length
        ? innerPoints
        : throw new ArgumentOutOfRangeException(nameof(innerPoints), innerPoints, $"The number of inner points must be in [0, {Rules.Length - 1}].");

    /// <inheritdoc/>
    /// <remarks>The score is there whether asked for or not: differences of the log-density need it.</remarks>
    public DensityPoint At(Tensor x, bool withScore)
    {
        ArgumentNullException.ThrowIfNull(x);
        return new DensityPoint(x, ScoreAt(x));
    }

    /// <inheritdoc/>
    public Tensor LogRatio(DensityPoint from, DensityPoint to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var (end, inner) = Rules[InnerPoints];
        using var step = to.X.Minus(from.X);
        using var ends = from.Score!.Plus(to.Score!);
        using var slope = ends.Times(end);
        foreach (var (at, weight) in inner)
        {
            using var part = step.Times(at);
            using var x = from.X.Plus(part);
            using var score = ScoreAt(x).TimesInPlace(weight);
            slope.PlusInPlace(score);
        }
        return RowSums.OfProduct(slope, step);
    }

    private Tensor ScoreAt(Tensor x)
    {
        var (x0, logVariance) = _denoiser.Denoise(x, _step, _condition);
        logVariance?.Dispose();
        using (x0)
        {
            double precision = 1 / (Level.Sigma * Level.Sigma);
            using var pull = x.Times(precision);
            using var scaled = x0.Times(Level.Alpha * precision);
            return scaled.Minus(pull);
        }
    }
}
