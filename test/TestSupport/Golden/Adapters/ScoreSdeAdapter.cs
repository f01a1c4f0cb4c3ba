namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>score_sde's sde_lib: marginals, coefficients, reverse SDE, probability flow and forward chains.</summary>
internal sealed class ScoreSdeAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        // The family is told in the name alone.
        if (!@case.Text("source").EndsWith("sde_lib", StringComparison.Ordinal) || Schedule(@case) is not { } schedule)
            return false;
        int steps = @case.Json.Whole("N", 1000);
        var times = @case["t"].Numbers();
        var x = @case["x"].EnumerateArray().Select(row => row.Numbers()).ToArray();
        var levels = times.Select(schedule.At).ToArray();
        var sde = times.Select(schedule.SdeAt).ToArray();
        var chain = times.Select(t => schedule.Discretize(t, steps)).ToArray();
        double[] Rows(Func<int, double> factor) => [.. x.SelectMany((row, i) => row.Select(value => factor(i) * value))];
        double[] diffusion = [.. sde.Select(coefficients => Math.Sqrt(coefficients.DiffusionSquared))];
        void Compare(string field, double[] actual)
        {
            if (@case.Has(field))
                comparison.Equal(field, actual, @case[field].Numbers());
        }
        Compare("marginal_mean", Rows(i => levels[i].Alpha));
        Compare("marginal_std", [.. levels.Select(level => level.Sigma)]);
        Compare("drift", Rows(i => sde[i].Drift));
        Compare("diffusion", diffusion);
        Compare("discretize_f", Rows(i => chain[i].Drift));
        Compare("discretize_G", [.. chain.Select(step => step.Diffusion)]);
        // f·x − g²·score and f·x − ½g²·score, with −x for the score.
        Compare("reverse_drift_with_score_minus_x", Rows(i => sde[i].Drift + sde[i].DiffusionSquared));
        Compare("reverse_diffusion", diffusion);
        Compare("probability_flow_drift_with_score_minus_x", Rows(i => sde[i].Drift + sde[i].DiffusionSquared / 2));
        return true;
    }

    private static NoiseSchedule? Schedule(GoldenCase @case)
    {
        var settings = @case.Params;
        double betaMin = settings.Number("beta_min", 0.1), betaMax = settings.Number("beta_max", 20);
        return @case.Name.Split('_')[1] switch
        {
            "vp" => new VpSchedule(betaMin, betaMax),
            "subvp" => new SubVpSchedule(betaMin, betaMax),
            "ve" => new VeSchedule(settings.Number("sigma_min", 0.01), settings.Number("sigma_max", 50)),
            _ => null,
        };
    }
}
