namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' set_timesteps.</summary>
internal sealed class EvenSpacingAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        string source = @case.Text("source");
        if (!source.StartsWith("diffusers", StringComparison.Ordinal) || !source.EndsWith("set_timesteps", StringComparison.Ordinal)
            || DiffusersConfig.Schedule(@case.Params) is not { } schedule || DiffusersConfig.Spacing(source, @case.Params) is not { } spacing)
            return false;
        var timesteps = @case["timesteps"].Numbers();
        var grid = spacing.Grid(schedule, @case.Params.Whole("num_inference_steps", timesteps.Length));
        comparison.Equal("timesteps", [.. grid.Times.SkipLast(1).Select(time => time * (schedule.Steps - 1))], timesteps);
        if (@case.Has("sigmas"))
            comparison.Equal("sigmas", DiffusersConfig.Ratios(grid.ToRatios()), @case["sigmas"].Numbers());
        else
            comparison.Equal("init_noise_sigma", grid.PriorScale, @case["init_noise_sigma"].ToNumber());
        return true;
    }
}
