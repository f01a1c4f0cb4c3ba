namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' β tables and what derives from them.</summary>
internal sealed class DiffusersBetasAdapter : IGoldenAdapter
{
    // The reference keeps this table in Float32.
    private const double SinglePrecision = 1e-6;

    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").StartsWith("diffusers", StringComparison.Ordinal) || !@case.Has("betas") || DiffusersConfig.Schedule(@case.Params) is not { } schedule)
            return false;
        var tables = new ScheduleTables(schedule);
        int stride = @case.Json.Whole("index_stride", 1);
        var levels = Enumerable.Range(0, schedule.Steps).Select(schedule.LevelOf).ToArray();
        ScheduleTables.Compare(comparison, @case.Json, "betas", schedule.Betas, stride);
        ScheduleTables.Compare(comparison, @case.Json, "full_betas", schedule.Betas, 1);
        ScheduleTables.Compare(comparison, @case.Json, "alphas_cumprod", schedule.AlphaBars, stride);
        ScheduleTables.Compare(comparison, @case.Json, "sigmas_ve", [.. levels.Select(level => level.Ratio)], stride);
        ScheduleTables.Compare(comparison, @case.Json, "snr", [.. levels.Select(level => Math.Exp(level.LogSnr))], stride, SinglePrecision);
        ScheduleTables.Compare(comparison, @case.Json, "posterior_variance_fixed_small", tables.SmallVariances, stride);
        // On leaving step 0 no noise is added; the reference lists its β all the same.
        ScheduleTables.Compare(comparison, @case.Json, "posterior_variance_fixed_large", [schedule.Betas[0], .. tables.LargeVariances[1..]], stride);
        if (@case.Has("alphas_cumprod_last"))
            comparison.Equal("alphas_cumprod_last", schedule.AlphaBars[^1], @case["alphas_cumprod_last"].ToNumber());
        var rescaled = new ZeroTerminalSnrSchedule(schedule);
        ScheduleTables.Compare(comparison, @case.Json, "zero_terminal_snr_betas", rescaled.Betas, stride);
        ScheduleTables.Compare(comparison, @case.Json, "zero_terminal_snr_alphas_cumprod", rescaled.AlphaBars, stride);
        if (@case.Has("zero_terminal_snr_last_beta"))
            comparison.Equal("zero_terminal_snr_last_beta", rescaled.Betas[^1], @case["zero_terminal_snr_last_beta"].ToNumber());
        return true;
    }
}
