using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>√(‖a − b‖² + c²) − c: outliers count less than in squares (Song and Dhariwal 2023, arXiv:2310.14189, section 3.3).</summary>
/// <param name="c">c; positive, finite. 0.00054·√(number of values) unless given.</param>
public sealed class PseudoHuberDistance(double? c = null) : ConsistencyDistance
{
    private const double ScalePerRoot = 0.00054;

    /// <summary>c; null for 0.00054·√(number of values).</summary>
    public double? C { get; } = c is null or (> 0 and < double.PositiveInfinity) ? c : throw new ArgumentOutOfRangeException(nameof(c), c, "c must be positive and finite.");

    /// <inheritdoc/>
    public override Tensor OfRows(Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        double scale = C ?? ScalePerRoot * Math.Sqrt((double)a.numel() / a.size(0));
        using var squares = RowSums.OfSquaredDifference(a, b);
        using var square = full_like(squares, scale * scale);
        using var shifted = squares.Plus(square);
        using var roots = shifted.sqrt();
        using var offset = full_like(roots, scale);
        return roots.Minus(offset);
    }
}
