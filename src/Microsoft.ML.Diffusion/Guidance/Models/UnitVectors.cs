using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Vectors of length 1.</summary>
internal static class UnitVectors
{
    // A vector of zeros has no direction: it stays zeros, with a finite gradient.
    private const double LeastSquare = 1e-12;

    /// <summary>Each row divided by its length: [B, S], a fresh tensor.</summary>
    /// <param name="rows">[B, S].</param>
    public static Tensor Of(Tensor rows)
    {
        using var squares = rows.Squared();
        using var sums = squares.sum(1, keepdim: true);
        using var safe = sums.Plus(LeastSquare);
        using var lengths = safe.sqrt();
        return rows.div(lengths);
    }
}
