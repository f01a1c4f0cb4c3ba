using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Sums over all but the first dimension.</summary>
internal static class RowSums
{
    /// <summary>Σ a·b of each row: [B], a fresh tensor.</summary>
    public static Tensor OfProduct(Tensor a, Tensor b)
    {
        using var product = a.mul(b);
        using var rows = product.flatten(1);
        return rows.sum(1);
    }

    /// <summary>Σ (a − b)² of each row: [B], a fresh tensor.</summary>
    public static Tensor OfSquaredDifference(Tensor a, Tensor b)
    {
        using var difference = a.Minus(b);
        return OfProduct(difference, difference);
    }
}
