namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The β tables of lucidrains' denoising-diffusion-pytorch.</summary>
internal sealed class LucidrainsBetasAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        string source = @case.Text("source");
        if (!source.StartsWith("lucidrains", StringComparison.Ordinal))
            return false;
        int steps = @case.Params.Whole("timesteps");
        double scale = 1000.0 / steps;
        DiscreteSchedule? schedule =
            source.EndsWith("linear_beta_schedule", StringComparison.Ordinal) ? new LinearBetaSchedule(steps, scale * 0.0001, scale * 0.02)
            : source.EndsWith("cosine_beta_schedule", StringComparison.Ordinal) ? new CosineSchedule(steps, @case.Params.Number("s", 0.008))
            : source.EndsWith("sigmoid_beta_schedule", StringComparison.Ordinal)
                ? new SigmoidSchedule(steps, @case.Params.Number("start", -3), @case.Params.Number("end", 3), @case.Params.Number("tau", 1))
            : null;
        if (schedule is null)
            return false;
        ScheduleTables.Compare(comparison, @case.Json, "betas", schedule.Betas, 1);
        ScheduleTables.Compare(comparison, @case.Json, "alphas_cumprod", schedule.AlphaBars, @case.Json.Whole("index_stride_alphas_cumprod", 1));
        return true;
    }
}
