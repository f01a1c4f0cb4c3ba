namespace Microsoft.ML.Diffusion;

/// <summary>How many whole ones a product of doubles has, which truncation gets wrong: 0.29·100 is 28.999999999999996.</summary>
internal static class WholePart
{
    // Far above the rounding of a few operations, far below any fraction that is meant.
    private const double Rounding = 1e-9;

    /// <summary>The largest whole number that is not above the product, but for its rounding.</summary>
    /// <param name="product">The product; not negative, below 2³¹.</param>
    public static int Of(double product)
    {
        double nearest = Math.Round(product);
        return (int)(Math.Abs(product - nearest) <= Rounding * Math.Max(1, nearest) ? nearest : Math.Floor(product));
    }
}
