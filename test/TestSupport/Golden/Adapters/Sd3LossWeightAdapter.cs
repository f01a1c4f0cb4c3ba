namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' weights of noise levels for Stable Diffusion 3, at the levels of rectified flow.</summary>
internal sealed class Sd3LossWeightAdapter : IGoldenAdapter
{
    // The reference rounds this weight to Float32.
    private const double SinglePrecision = 1.0 / (1 << 23);

    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").Contains("compute_loss_weighting_for_sd3", StringComparison.Ordinal) || !@case.Has("sigmas"))
            return false;
        var levels = @case["sigmas"].Numbers().Select(KnownSchedules.RectifiedFlow.At).ToArray();
        if (@case.Has("sigma_sqrt"))
            comparison.Equal("sigma_sqrt", [.. levels.Select(level => KnownLossWeights.SigmaSqrt.OnX0(level, KnownParameterizations.X0))], @case["sigma_sqrt"].Numbers(), SinglePrecision);
        if (@case.Has("cosmap"))
            comparison.Equal("cosmap", [.. levels.Select(level => KnownLossWeights.CosMap.OnTarget(level, KnownParameterizations.Velocity))], @case["cosmap"].Numbers());
        return true;
    }
}
