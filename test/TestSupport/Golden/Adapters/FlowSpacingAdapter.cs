namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The σ of diffusers' flow-matching schedulers.</summary>
internal sealed class FlowSpacingAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").StartsWith("diffusers FlowMatch", StringComparison.Ordinal) || !@case.Has("sigmas") || !@case.Has("timesteps")
            || @case.Has("x_final") || DiffusersConfig.FlowSpacing(@case.Params, @case.Params.Number("mu", 0)) is not { } spacing)
            return false;
        var grid = spacing.Grid(KnownSchedules.RectifiedFlow, @case.Params.Whole("num_inference_steps"));
        double[] sigmas = [.. grid.Levels.Select(level => level.Sigma)];
        comparison.Equal("sigmas", sigmas, DiffusersConfig.Distinct(@case["sigmas"]));
        int trained = @case.Params.Whole("num_train_timesteps", 1000);
        comparison.Equal("timesteps", [.. sigmas.SkipLast(1).Select(sigma => sigma * trained)], DiffusersConfig.Distinct(@case["timesteps"]));
        return true;
    }
}
