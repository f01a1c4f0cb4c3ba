using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The range of valid data, in which an estimate x̂0 is kept: a fixed one, or one that follows each row of the estimate (dynamic thresholding, Saharia et al. 2022,
/// arXiv:2205.11487, section 2.3).
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class EstimateLimit
{
    /// <summary>A limit.</summary>
    /// <param name="largest">The largest absolute value; positive. With a quantile at least 1, and infinite for no bound on s. 1 unless given.</param>
    /// <param name="quantile">
    /// The quantile, in (0, 1], of a row's absolute values that s is, at least 1 and at most <paramref name="largest"/>: the row is clipped to [−s, s] and divided by s. The
    /// estimate is clipped to ±<paramref name="largest"/> where null, as unless given.
    /// </param>
    public EstimateLimit(double largest = 1, double? quantile = null)
    {
        if (quantile is null && !(largest > 0 && double.IsFinite(largest)))
            throw new ArgumentOutOfRangeException(nameof(largest), largest, "The limit must be positive and finite.");
        if (quantile is not null && !(largest >= 1))
            throw new ArgumentOutOfRangeException(nameof(largest), largest, "The limit must be at least 1.");
        Largest = largest;
        Quantile = quantile is { } q ? ThresholdedDenoiser.CheckQuantile(q) : null;
    }

    /// <summary>The largest absolute value.</summary>
    public double Largest { get; }

    /// <summary>The quantile that s is; null where the range is fixed.</summary>
    public double? Quantile { get; }

    /// <summary>The estimate within the limit: a fresh tensor.</summary>
    /// <param name="x0">The estimate [B, ...].</param>
    internal Tensor Apply(Tensor x0) => Quantile is { } quantile ? ThresholdedDenoiser.Follow(x0, quantile, Largest) : x0.Limit(-Largest, Largest);

    /// <inheritdoc/>
    public override string ToString() => Quantile is { } quantile ? FormattableString.Invariant($"quantile {quantile:g6} up to {Largest:g6}") : FormattableString.Invariant($"±{Largest:g6}");
}
