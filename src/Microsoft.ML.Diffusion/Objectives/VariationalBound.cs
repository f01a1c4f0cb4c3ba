using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The terms of the variational bound of −log₂ p(x0), in bits for each value (Ho et al. 2020, arXiv:2006.11239, eq. 5 and section 3.3): for each step but the first the divergence of the reverse
/// step from the forward process's posterior, for step 0 the negative log-likelihood of the data.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
/// <param name="schedule">The schedule, whose steps are those of the bound.</param>
/// <param name="variance">The variance of reverse steps; learned unless given.</param>
/// <param name="binWidth">The distance between neighbouring values of the data in model space, 0 for continuous data; that of 8 bits in [−1, 1], 2/255, for pictures and 0 for vectors unless given.</param>
public sealed class VariationalBound(DiscreteSchedule schedule, ReverseVariance variance = ReverseVariance.Learned, double? binWidth = null)
{
    private const double PictureBinWidth = 2.0 / 255;
    // Values beyond count for all that lie outside of [−1, 1]; probabilities below the least for it, as in guided-diffusion.
    private const double Edge = 0.999, LeastProbability = 1e-12;

    /// <summary>The schedule, whose steps are those of the bound.</summary>
    public DiscreteSchedule Schedule { get; } = schedule ?? throw new ArgumentNullException(nameof(schedule));

    /// <summary>The variance of reverse steps.</summary>
    public ReverseVariance Variance { get; } = Enum.IsDefined(variance) ? variance : throw new ArgumentOutOfRangeException(nameof(variance), variance, "Expected Small, Large or Learned.");

    /// <summary>The distance between neighbouring values of the data in model space, 0 for continuous data; null for 2/255 for pictures and 0 for vectors.</summary>
    public double? BinWidth { get; } = CheckBinWidth(binWidth);

    /// <summary>The term of each row's step: [B], through which gradients flow, a fresh tensor.</summary>
    /// <param name="estimate">x̂0 [B, ...], for the row's state at its level.</param>
    /// <param name="place">v [B, ...], which places a learned variance (<see cref="VarianceRange"/>); null for the others.</param>
    /// <param name="x0">The clean batch x0 [B, ...].</param>
    /// <param name="levels">The level of each row; counts as the step of the schedule that is nearest.</param>
    /// <exception cref="ArgumentException">The shapes differ, or there is no v for a learned variance.</exception>
    public Tensor TermsOfRows(Tensor estimate, Tensor? place, Tensor x0, NoiseLevels levels)
    {
        ArgumentNullException.ThrowIfNull(estimate);
        ArgumentNullException.ThrowIfNull(x0);
        ArgumentNullException.ThrowIfNull(levels);
        // An error inside libtorch's autograd would end the process: refuse before.
        if (!estimate.shape.AsSpan().SequenceEqual(x0.shape) || (place is not null && !place.shape.AsSpan().SequenceEqual(x0.shape)))
            throw new ArgumentException($"The estimate [{string.Join(", ", estimate.shape)}], v{(place is null ? "" : $" [{string.Join(", ", place.shape)}]")} and x0 [{string.Join(", ", x0.shape)}] must have one shape.", nameof(estimate));
        if (place is null && Variance == ReverseVariance.Learned)
            throw new ArgumentException("A learned variance needs v, which the network answers with.", nameof(place));
        int[] steps = [.. Enumerable.Range(0, (int)x0.size(0)).Select(row => StepOf(levels, row))];
        using var scope = NewDisposeScope();
        var logVariance = LogVariance(place, x0, steps);
        var bits = Divergence(estimate, x0, logVariance, steps);
        if (steps.Contains(0))
            bits = RowTensors.Choose([.. steps.Select(step => step == 0)], NegativeLogLikelihood(estimate, x0, logVariance), bits);
        return bits.flatten(1).mean([1]).Times(1 / Math.Log(2)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The part of the bound that no network changes: the divergence of the noisiest state from the standard normal prior, in bits for each value: [B], a fresh tensor. With the terms of all steps
    /// it adds up to the bound.
    /// </summary>
    /// <param name="x0">The clean batch x0 [B, ...].</param>
    public Tensor PriorOfRows(Tensor x0)
    {
        ArgumentNullException.ThrowIfNull(x0);
        var (alpha, sigma) = Schedule.LevelOf(Schedule.Steps - 1);
        using var mean = x0.Times(alpha);
        using var squares = RowSums.OfProduct(mean, mean);
        double values = (double)x0.numel() / x0.size(0), constant = sigma * sigma - 1 - 2 * Math.Log(sigma);
        using var offset = full_like(squares, values * constant);
        using var sum = squares.Plus(offset);
        return sum.Times(0.5 / values / Math.Log(2));
    }

    internal static double? CheckBinWidth(double? width) => width is null or (>= 0 and < 2)
        ? width
        : throw new ArgumentOutOfRangeException(nameof(width), width, "The bin width must be in [0, 2).");

    internal static DiscreteSchedule DiscreteOf(NoiseSchedule schedule, string objective) => schedule as DiscreteSchedule
        ?? throw new ArgumentException($"{objective} needs a discrete schedule, whose steps its bound has; {schedule.GetType().Name} has none. Take {nameof(KnownSchedules)}.{nameof(KnownSchedules.Cosine)}, for example.", nameof(schedule));

    private int StepOf(NoiseLevels levels, int row)
        => (int)Math.Round((levels.TimeAt(row) ?? Schedule.TimeOf(levels[row].LogSnr)) * (Schedule.Steps - 1));

    private VarianceRange RangeOf(int step)
    {
        var range = VarianceRange.Of(Schedule.LevelOf(step), Schedule.LevelOf(step - 1));
        // β̃ of step 0 is 0; that of step 1 stands for it (Nichol and Dhariwal 2021, section 3.1).
        return step > 0 ? range : range with { Smallest = RangeOf(1).Smallest };
    }

    private Tensor LogVariance(Tensor? place, Tensor x0, int[] steps)
    {
        var ranges = steps.Select(RangeOf).ToArray();
        return Variance switch
        {
            ReverseVariance.Small => Column(x0, [.. ranges.Select(range => Math.Log(range.Smallest))]),
            // The likelihood of the first step takes the small one there, which suits the data better (Ho et al. 2020, section 3.2).
            ReverseVariance.Large => Column(x0, [.. ranges.Select((range, row) => Math.Log(steps[row] == 0 ? range.Smallest : range.Largest))]),
            _ => VarianceRange.LogVariance(place!, ranges),
        };
    }

    // ½(−1 + ln s_p − ln s_q + s_q/s_p + (m_q − m_p)²/s_p) of the posterior q and the reverse step p, whose means differ by (1 − (r_to/r)²)·α_to·(x0 − x̂0).
    private Tensor Divergence(Tensor estimate, Tensor x0, Tensor logVariance, int[] steps)
    {
        var factor = Column(x0, [.. steps.Select(step => Schedule.LevelOf(step).RenewedShare(Schedule.LevelOf(step - 1)) * Schedule.LevelOf(step - 1).Alpha)]);
        var posterior = Column(x0, [.. steps.Select(step => Math.Log(RangeOf(step).Smallest))]);
        var difference = x0.Minus(estimate).mul(factor);
        var ratio = logVariance.Minus(posterior);
        var sum = ratio.neg().exp().Plus(ratio).PlusProduct(difference.Squared(), logVariance.neg().exp());
        return sum.Minus(ones_like(sum)).Times(0.5);
    }

    private Tensor NegativeLogLikelihood(Tensor estimate, Tensor x0, Tensor logVariance)
    {
        double width = BinWidth ?? (x0.dim() > 2 ? PictureBinWidth : 0);
        var centred = x0.Minus(estimate);
        var inverse = logVariance.Times(-0.5).exp();
        if (width == 0)
        {
            var squares = centred.mul(inverse).Squared();
            return squares.Plus(logVariance).Plus(full_like(squares, Math.Log(2 * Math.PI))).Times(0.5);
        }
        var half = full_like(x0, width / 2);
        var below = DistributionFunction(centred.Minus(half).mul(inverse));
        var upTo = DistributionFunction(centred.Plus(half).mul(inverse));
        using Scalar low = -Edge, high = Edge;
        var inside = Logarithm(upTo.Minus(below));
        var outer = where(x0.gt(high), Logarithm(below.neg().PlusOne()), inside);
        return where(x0.lt(low), Logarithm(upTo), outer).neg();
    }

    private static Tensor Logarithm(Tensor probability) => probability.Limit(LeastProbability, double.PositiveInfinity).log();

    // Φ by the tanh of Page 1977 (doi:10.2307/2346872), as the references have it.
    private static Tensor DistributionFunction(Tensor x)
    {
        var cubic = x.PlusProduct(x.Squared(), x.Times(0.044715));
        return cubic.Times(Math.Sqrt(2 / Math.PI)).tanh().PlusOne().Times(0.5);
    }

    private static Tensor Column(Tensor like, double[] values) => RowTensors.Column(values, like);
}
