using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Weighted denoising score matching: the mean over rows of λ·‖s(x) + ε/σ‖² for x = α·x0 + σ·ε, of which the minimum is the score ∇ln p(x) (Vincent 2011,
/// doi:10.1162/NECO_a_00142; Song et al. 2021, arXiv:2011.13456, eq. 7). A row's squares are halved and added up, or their mean is taken.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
/// <param name="weight">λ; σ² unless given.</param>
/// <param name="meanOfValues">Whether a row counts with the mean of its squares; half their sum unless given.</param>
public sealed class DenoisingScoreMatching(ScoreWeight? weight = null, bool meanOfValues = false)
{
    /// <summary>λ.</summary>
    public ScoreWeight Weight { get; } = weight ?? new SigmaPowerWeight();

    /// <summary>Whether a row counts with the mean of its squares, rather than half their sum.</summary>
    public bool MeanOfValues { get; } = meanOfValues;

    /// <summary>The loss of a score, a scalar through which gradients flow: a fresh tensor.</summary>
    /// <param name="score">s(x) [B, ...].</param>
    /// <param name="noise">ε [B, ...].</param>
    /// <param name="levels">The level of each row; σ above 0.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public Tensor Loss(Tensor score, Tensor noise, NoiseLevels levels)
    {
        Check(score, noise, levels);
        // √λ goes in before the square, so that little noise overflows nothing.
        using var scores = Rows(score, levels, Root);
        using var targets = Rows(noise, levels, (level, time) => Root(level, time) / level.Sigma);
        using var error = scores.Plus(targets);
        return Reduce(error);
    }

    /// <summary>The same loss of an estimate of the clean data, whose score is (α·x̂0 − x)/σ²: λ·α²/σ⁴·‖x̂0 − x0‖².</summary>
    /// <param name="estimate">x̂0 [B, ...].</param>
    /// <param name="x0">The clean batch x0 [B, ...].</param>
    /// <param name="levels">The level of each row; σ above 0.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public Tensor LossOfEstimate(Tensor estimate, Tensor x0, NoiseLevels levels)
    {
        Check(estimate, x0, levels);
        using var difference = estimate.Minus(x0);
        using var error = Rows(difference, levels, (level, time) => Root(level, time) * level.Alpha / (level.Sigma * level.Sigma));
        return Reduce(error);
    }

    private static void Check(Tensor answer, Tensor target, NoiseLevels levels)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(levels);
        // An error inside libtorch's autograd would end the process: refuse before.
        if (!answer.shape.AsSpan().SequenceEqual(target.shape))
            throw new ArgumentException($"The answer [{string.Join(", ", answer.shape)}] must have the shape of what it is compared with, [{string.Join(", ", target.shape)}].", nameof(answer));
        if (levels.Count != 1 && levels.Count != answer.size(0))
            throw new ArgumentException($"The batch has {Plural.Of(answer.size(0), "row")} but {Plural.Of(levels.Count, "noise level")}.", nameof(levels));
        for (int row = 0; row < levels.Count; row++)
            if (!(levels[row].Sigma > 0))
                throw new ArgumentException($"The noise of every row must be above 0, but row {row} has level {levels[row]}.", nameof(levels));
    }

    private static Tensor Rows(Tensor x, NoiseLevels levels, Func<NoiseLevel, double?, double> factor)
    {
        double[] factors = [.. Enumerable.Range(0, (int)x.size(0)).Select(row => factor(levels[row], levels.TimeAt(row)))];
        using var column = RowTensors.Column(factors, x);
        return x.mul(column);
    }

    private double Root(NoiseLevel level, double? time) => Math.Sqrt(Weight.At(level, time));

    private Tensor Reduce(Tensor error)
    {
        using var squares = error.Squared();
        using var mean = squares.mean();
        return mean.Times(MeanOfValues ? 1 : 0.5 * (error.numel() / error.size(0)));
    }
}
