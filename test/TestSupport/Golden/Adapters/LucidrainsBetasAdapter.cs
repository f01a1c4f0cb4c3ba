using System.Text.Json;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The β tables of lucidrains' denoising-diffusion-pytorch.</summary>
internal sealed class LucidrainsBetasAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        string source = @case.Text("source");
        if (!source.StartsWith("lucidrains", StringComparison.Ordinal))
            return false;
        var schedule = Schedule(source.Split(' ', '.')[^1].Replace("_beta_schedule", "", StringComparison.Ordinal), @case.Params);
        if (schedule is null)
            return false;
        ScheduleTables.Compare(comparison, @case.Json, "betas", schedule.Betas, 1);
        ScheduleTables.Compare(comparison, @case.Json, "alphas_cumprod", schedule.AlphaBars, @case.Json.Whole("index_stride_alphas_cumprod", 1));
        return true;
    }

    /// <summary>The schedule of a name, as the case's parameters have it; null where the library does not have it.</summary>
    public static DiscreteSchedule? Schedule(string name, JsonElement settings)
    {
        int steps = settings.Whole("timesteps");
        double scale = 1000.0 / steps;
        return name switch
        {
            "linear" => new LinearBetaSchedule(steps, scale * 0.0001, scale * 0.02),
            "cosine" => new CosineSchedule(steps, settings.Number("s", 0.008)),
            "sigmoid" => new SigmoidSchedule(steps, settings.Number("start", -3), settings.Number("end", 3), settings.Number("tau", 1)),
            _ => null,
        };
    }
}
