namespace Microsoft.ML.Diffusion;

/// <summary>Halving and doubling of pictures with a fixed filter, as EDM's <c>resample_filter</c> says it (Karras et al. 2022, arXiv:2206.00364).</summary>
internal static class FilteredResize
{
    /// <summary>[B, C, H, W] → [B, C, H/2, W/2].</summary>
    public static T Halve<T>(IOps<T> ops, T x, IReadOnlyList<double> taps) =>
        IsBox(taps) ? ops.AveragePool2d(x, 2) : ops.FilterDown(x, taps, 2, Padding(taps));

    /// <summary>[B, C, H, W] → [B, C, 2H, 2W].</summary>
    public static T Double<T>(IOps<T> ops, T x, IReadOnlyList<double> taps) =>
        IsBox(taps) ? ops.ResizeNearest(x, 2 * ops.Size(x, 2), 2 * ops.Size(x, 3)) : ops.FilterUp(x, taps, 2, Padding(taps));

    /// <summary>The zeros on each side that keep the middle in the middle.</summary>
    public static int Padding(IReadOnlyList<double> taps) => (taps.Count - 1) / 2;

    // Of two equal taps a filter is a mean of four, or four copies: half the time.
    private static bool IsBox(IReadOnlyList<double> taps) => taps.Count == 2 && taps[0] == taps[1];
}
