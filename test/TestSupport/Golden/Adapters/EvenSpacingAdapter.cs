namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>
/// diffusers' set_timesteps with whole steps. Not the library's: fractional steps between them, and the spacings of the multistep solver,
/// which divides the run by one more than it has steps.
/// </summary>
internal sealed class EvenSpacingAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        string source = @case.Text("source");
        if (!source.StartsWith("diffusers", StringComparison.Ordinal) || !source.EndsWith("set_timesteps", StringComparison.Ordinal)
            || DiffusersConfig.Schedule(@case.Params) is not { } schedule || DiffusersConfig.Spacing(@case.Params, "leading") is not { } spacing)
            return false;
        var timesteps = @case["timesteps"].Numbers();
        bool multistep = source.Contains("Multistep", StringComparison.Ordinal);
        if (timesteps.Any(time => time != Math.Round(time)) || (multistep && spacing is not TrailingSpacing))
            return false;
        var grid = spacing.Grid(schedule, @case.Params.Whole("num_inference_steps", timesteps.Length));
        comparison.Equal("timesteps", [.. grid.Times.SkipLast(1).Select(time => time * (schedule.Steps - 1))], timesteps);
        if (@case.Has("sigmas"))
            comparison.Equal("sigmas", DiffusersConfig.Ratios(grid.ToRatios()), @case["sigmas"].Numbers());
        else
            comparison.Equal("init_noise_sigma", grid.PriorScale, @case["init_noise_sigma"].ToNumber());
        return true;
    }
}
