namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The SDEs of score_sde.</summary>
internal static class ScoreSdeSchedule
{
    /// <summary>The SDE of a case, and the standard deviation of its prior; null where it is another.</summary>
    public static (NoiseSchedule Schedule, double Prior)? Read(GoldenCase @case)
    {
        var settings = @case.Json.Property("sde_params");
        double betaMin = settings.Number("beta_min", 0.1), betaMax = settings.Number("beta_max", 20);
        return @case.Text("sde") switch
        {
            "vp" => (new VpSchedule(betaMin, betaMax), 1),
            "subvp" => (new SubVpSchedule(betaMin, betaMax), 1),
            "ve" => (new VeSchedule(settings.Number("sigma_min", 0.01), settings.Number("sigma_max", 50)), settings.Number("sigma_max", 50)),
            _ => null,
        };
    }
}
