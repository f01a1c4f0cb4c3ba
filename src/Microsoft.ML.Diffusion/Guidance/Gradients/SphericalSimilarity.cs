using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Minus half the square of the angle between two vectors, 2·arcsin²(‖a − b‖/2): Crowson's spherical distance loss, which pulls evenly from far away.</summary>
public sealed class SphericalSimilarity : Similarity
{
    // At equal and at opposite vectors a square root and an arcsine have no slope: a little away from there.
    private const double Least = 1e-12, Greatest = 4 * (1 - 1e-6);

    private protected override Tensor OfUnits(Tensor a, Tensor b)
    {
        using var squares = RowSums.OfSquaredDifference(a, b);
        using var inside = squares.Limit(Least, Greatest);
        using var distances = inside.sqrt();
        using var halves = distances.Times(0.5);
        using var angles = halves.arcsin();
        return angles.Squared().TimesInPlace(-2);
    }
}
