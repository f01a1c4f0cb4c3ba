namespace Microsoft.ML.Diffusion;

/// <summary>Checks the strengths of guidances.</summary>
internal static class GuidanceScale
{
    /// <summary>The scale as given.</summary>
    public static double Check(double scale, string what = "The guidance scale") => double.IsFinite(scale)
        ? scale
        : throw new ArgumentOutOfRangeException(nameof(scale), scale, $"{what} must be finite.");
}
