using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Keeps a denoiser's estimate within the range of valid data at every step: a fixed range, or one that follows the estimate (dynamic
/// thresholding, Saharia et al. 2022, arXiv:2205.11487, section 2.3).
/// </summary>
/// <remarks>Immutable; thread safe as the denoiser inside is.</remarks>
public sealed class ThresholdedDenoiser : IDenoiser
{
    private readonly IDenoiser _inner;
    private readonly EstimateLimit _limit;

    private ThresholdedDenoiser(IDenoiser inner, EstimateLimit limit)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        _limit = limit;
    }

    /// <inheritdoc/>
    public bool TakesPrevious => _inner.TakesPrevious;

    /// <summary>Clips the estimate to [−limit, limit].</summary>
    /// <param name="inner">The denoiser.</param>
    /// <param name="limit">The largest absolute value of valid data; positive, finite. 1 unless given.</param>
    public static ThresholdedDenoiser Clip(IDenoiser inner, double limit = 1) => new(inner, new EstimateLimit(limit));

    /// <summary>
    /// Clips each row to [−s, s] and divides it by s, where s is a quantile of the row's absolute values, at least 1 and at most
    /// <paramref name="limit"/>. For data in [−1, 1].
    /// </summary>
    /// <param name="inner">The denoiser.</param>
    /// <param name="quantile">The quantile; in (0, 1]. 0.995 unless given.</param>
    /// <param name="limit">The largest s; at least 1. Infinite unless given.</param>
    public static ThresholdedDenoiser Dynamic(IDenoiser inner, double quantile = 0.995, double limit = double.PositiveInfinity) => new(inner, new EstimateLimit(limit, quantile));

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        var denoised = _inner.Denoise(x, step, condition);
        using var x0 = denoised.X0;
        return denoised with { X0 = _limit.Apply(x0) };
    }

    /// <summary>The quantile as given.</summary>
    internal static double CheckQuantile(double quantile) => quantile is > 0 and <= 1
        ? quantile
        : throw new ArgumentOutOfRangeException(nameof(quantile), quantile, "The quantile must be in (0, 1].");

    /// <summary>Each row clipped to [−s, s] and divided by s: a fresh tensor.</summary>
    /// <param name="x0">The estimate [B, ...].</param>
    /// <param name="quantile">The quantile of a row's absolute values that s is, at least 1.</param>
    /// <param name="limit">The largest s.</param>
    internal static Tensor Follow(Tensor x0, double quantile, double limit = double.PositiveInfinity)
    {
        using var flat = x0.flatten(1);
        using var sizes = flat.abs();
        using var quantiles = QuantileOfRows(sizes, quantile);
        using var thresholds = quantiles.Limit(1, limit);
        using var low = thresholds.neg();
        using var clipped = flat.clamp(low, thresholds);
        return clipped.div_(thresholds).view_as(x0);
    }

    // Linear between order statistics, [B, 1]. torch.quantile would refuse large batches.
    private static Tensor QuantileOfRows(Tensor values, double quantile)
    {
        double position = quantile * (values.size(1) - 1);
        long below = (long)position;
        using var lower = OrderStatistic(values, below);
        using var upper = OrderStatistic(values, Math.Min(below + 1, values.size(1) - 1));
        // Not lerp: TorchSharp 0.107 leaks the tensor that it makes of a number.
        using var rest = upper.Times(position - below);
        return lower.Times(1 - (position - below)).PlusInPlace(rest);
    }

    private static Tensor OrderStatistic(Tensor values, long index)
    {
        var (value, place) = values.kthvalue(index + 1, 1, keepdim: true);
        place.Dispose();
        return value;
    }
}
