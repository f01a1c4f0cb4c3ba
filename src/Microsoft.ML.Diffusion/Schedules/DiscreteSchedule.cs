using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A variance-preserving schedule given by a table of β, as in DDPM (Ho et al. 2020, arXiv:2006.11239): step k of T is time
/// t = k/(T−1), where ᾱ = Π(1−β) up to and including k. Between two steps ln(σ/α) is linear in t, as in k-diffusion; before pure noise
/// (β = 1, at the last step only) α is.
/// </summary>
/// <remarks>Step 0 is not clean: β_0 is already in it. Clean data, where sampling ends, is step −1, a time below 0.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
public abstract class DiscreteSchedule : NoiseSchedule
{
    /// <summary>The largest number of steps: a hundred times that of any published schedule, and few enough that a number in a file claims no more than a few megabytes of tables.</summary>
    internal const int MostSteps = 100_000;

    // So near to a step, in steps, a time is that step: k/(T−1)·(T−1) is not always k.
    private const double Near = 1e-9;

    private readonly double[] _betas;
    private readonly double[] _alphaBars;
    private readonly NoiseLevel[] _levels;
    private readonly double[] _logRatios;

    /// <summary>A schedule of a table.</summary>
    /// <param name="betas">β of each step, in (0, 1), the last also 1; 2 … 100,000.</param>
    /// <exception cref="ArgumentException">Fewer or more, or one outside (0, 1); names it.</exception>
    protected DiscreteSchedule(ReadOnlySpan<double> betas)
    {
        if (betas.Length is < 2 or > MostSteps)
            throw new ArgumentException($"A discrete schedule needs at least 2 steps, and takes at most {MostSteps}, got {betas.Length}.", nameof(betas));
        _betas = betas.ToArray();
        _alphaBars = new double[betas.Length];
        _levels = new NoiseLevel[betas.Length];
        _logRatios = new double[betas.Length];
        double alphaBar = 1, variance = 0;
        for (int k = 0; k < betas.Length; k++)
        {
            if (!(betas[k] is > 0 and < 1 || (betas[k] == 1 && k == betas.Length - 1)))
                throw new ArgumentException($"β must be in (0, 1), that of the last step may be 1, but β of step {k} is {betas[k]}.", nameof(betas));
            // 1 − ᾱ as a sum of positive numbers keeps its digits where it is small.
            variance = betas[k] == 1 ? 1 : variance + alphaBar * betas[k];
            alphaBar *= 1 - betas[k];
            _alphaBars[k] = alphaBar;
            _levels[k] = new NoiseLevel(Math.Sqrt(alphaBar), Math.Sqrt(variance));
            _logRatios[k] = (Math.Log(variance) - Math.Log(alphaBar)) / 2;
        }
    }

    /// <summary>T, the number of steps.</summary>
    public int Steps => _betas.Length;

    /// <summary>β of each step: the variance of the noise that it adds.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> Betas => _betas;

    /// <summary>ᾱ of each step: Π(1−β) up to and including it.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> AlphaBars => _alphaBars;

    /// <inheritdoc/>
    [JsonIgnore]
    public override (double Smallest, double Largest) RatioRange => (_levels[0].Ratio, _levels[^1].Ratio);

    /// <inheritdoc/>
    [JsonIgnore]
    public override TimeSpacing DefaultSpacing => KnownSpacings.Trailing;

    /// <summary>The level of a step, straight from the table.</summary>
    /// <param name="step">0 … T−1, or −1 for clean data.</param>
    public NoiseLevel LevelOf(int step) => step == -1 ? NoiseLevel.Clean : _levels[CheckStep(step)];

    /// <summary>The time of a step: step/(T−1).</summary>
    /// <param name="step">0 … T−1, or −1 for clean data, whose time is −1/(T−1).</param>
    public double TimeOfStep(int step) => (double)(step == -1 ? -1 : CheckStep(step)) / (Steps - 1);

    /// <summary>The grid that visits some steps and ends at clean data (step −1).</summary>
    /// <param name="steps">Strictly falling steps in 0 … T−1, at least one.</param>
    /// <exception cref="ArgumentException">No step, or they do not fall.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A step is not in the table.</exception>
    public TimeGrid Grid(IReadOnlyList<int> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        return new TimeGrid(this, [.. steps.Append(-1).Select(TimeOfStep)], [.. steps.Append(-1).Select(LevelOf)]);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="t"/> is not in [0, 1].</exception>
    public override NoiseLevel At(double t)
    {
        double position = PositionOf(t);
        double step = Math.Round(position);
        if (Math.Abs(position - step) < Near)
            return _levels[(int)step];
        int k = (int)position;
        return IsLine(k)
            ? FromAlpha((k + 1 - position) * _levels[k].Alpha)
            : NoiseLevel.FromLambda(-_logRatios[k] - (position - k) * (_logRatios[k + 1] - _logRatios[k]));
    }

    /// <inheritdoc/>
    /// <remarks>At a step, where the slope jumps, the mean of both sides.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="t"/> is not in [0, 1].</exception>
    public override LevelDerivative DerivativeAt(double t)
    {
        double position = PositionOf(t);
        int step = (int)Math.Round(position);
        bool onStep = Math.Abs(position - step) < Near;
        int below = onStep ? Math.Max(step - 1, 0) : (int)position;
        int above = onStep ? Math.Min(step, Steps - 2) : below;
        var level = At(t);
        var (before, after) = (SlopeBetween(below, level), SlopeBetween(above, level));
        return new LevelDerivative((before.Alpha + after.Alpha) / 2, (before.Sigma + after.Sigma) / 2);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The chain that has the schedule's levels exactly: with as many steps as the schedule, the one of its table, √(1−β)·x + √β·z (Ho et al. 2020,
    /// arXiv:2006.11239, eq. 2).
    /// </remarks>
    public override SdeStep Discretize(double t, int steps)
    {
        int link = LinkOf(t, steps);
        var from = link == 0 ? NoiseLevel.Clean : At((link - 1) / (steps - 1.0));
        var to = At(link / (steps - 1.0));
        return new SdeStep(to.Alpha / from.Alpha - 1, to.Sigma * Math.Sqrt(to.RenewedShare(from)));
    }

    /// <inheritdoc/>
    public override double TimeOf(double logSnr)
    {
        double logRatio = -logSnr / 2;
        if (double.IsNaN(logRatio))
            throw new ArgumentOutOfRangeException(nameof(logSnr), logSnr, "The log-SNR must be a number.");
        int found = Array.BinarySearch(_logRatios, logRatio);
        if (found >= 0)
            return TimeOfStep(found);
        int above = ~found;
        if (above == 0)
            return 0;
        if (above == Steps)
            return 1;
        double fraction = IsLine(above - 1)
            ? 1 - NoiseLevel.FromLambda(-logRatio).Alpha / _levels[above - 1].Alpha
            : (logRatio - _logRatios[above - 1]) / (_logRatios[above] - _logRatios[above - 1]);
        return (above - 1 + fraction) / (Steps - 1);
    }

    /// <inheritdoc/>
    /// <remarks>Training visits the steps of the table, each as often.</remarks>
    public override double TrainingTime(double u) => TimeOfStep(Math.Clamp((int)(u * Steps), 0, Steps - 1));

    // Between the last step before pure noise, where ln(σ/α) is infinite, and pure noise.
    private bool IsLine(int below) => _alphaBars[below + 1] == 0;

    private LevelDerivative SlopeBetween(int below, NoiseLevel level)
    {
        var (alpha, sigma) = level;
        if (IsLine(below))
        {
            double fall = -_levels[below].Alpha * (Steps - 1);
            return new LevelDerivative(fall, -fall * alpha / sigma);
        }
        // α = 1/√(1+r²) and σ = r/√(1+r²) with r = exp(ln r).
        double slope = (_logRatios[below + 1] - _logRatios[below]) * (Steps - 1);
        return new LevelDerivative(-alpha * sigma * sigma * slope, sigma * alpha * alpha * slope);
    }

    private static NoiseLevel FromAlpha(double alpha) => new(alpha, Math.Sqrt((1 - alpha) * (1 + alpha)));

    private double PositionOf(double t) => t is >= 0 and <= 1
        ? t * (Steps - 1)
        : throw new ArgumentOutOfRangeException(nameof(t), t, "Time must be in [0, 1].");

    private int CheckStep(int step) => step >= 0 && step < Steps
        ? step
        : throw new ArgumentOutOfRangeException(nameof(step), step, $"Steps are 0 … {Steps - 1}, and -1 for clean data.");
}
