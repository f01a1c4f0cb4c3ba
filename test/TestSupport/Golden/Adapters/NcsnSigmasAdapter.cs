namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>ncsnv2's get_sigmas: a geometric sequence, or an even one.</summary>
internal sealed class NcsnSigmasAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (@case.Text("function") != "models.get_sigmas")
            return false;
        var settings = @case.Params;
        double begin = settings.Number("sigma_begin", 1), end = settings.Number("sigma_end", 0.01);
        var expected = @case["sigmas"].Numbers();
        if (expected.Length < 3)
            return false;
        // Parameters name the distribution "uniform" for the geometric sequence too: the first three numbers tell which of both it is.
        bool geometric = Math.Abs(expected[0] * expected[2] / (expected[1] * expected[1]) - 1) < 1e-6;
        TimeSpacing spacing = geometric ? new ExponentialSpacing(1, end, begin) : new KarrasSpacing(1, end, begin);
        var grid = spacing.Grid(KnownSchedules.Edm, settings.Whole("num_classes", expected.Length));
        comparison.Equal("sigmas", [.. grid.Levels.SkipLast(1).Select(level => level.Ratio)], expected);
        return true;
    }
}
