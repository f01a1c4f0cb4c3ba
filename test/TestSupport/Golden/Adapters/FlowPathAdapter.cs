using System.Text.RegularExpressions;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>
/// The probability paths of flow_matching and SiT, whose time runs from noise (0) to data (1): x_t = α·x1 + σ·x0 with x0 the noise, its velocity, and the
/// conversions between velocity, data, noise and score.
/// </summary>
internal sealed partial class FlowPathAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        string source = @case.Text("source");
        if ((!source.EndsWith("AffineProbPath", StringComparison.Ordinal) && !source.EndsWith("transport.path", StringComparison.Ordinal)) || Schedule(@case) is not { } schedule)
            return false;
        double[] times = [.. @case["t"].Numbers().Select(t => 1 - t)];
        var levels = times.Select(schedule.At).ToArray();
        LevelDerivative[] slopes = [.. times.Select(schedule.DerivativeAt).Select(slope => new LevelDerivative(-slope.Alpha, -slope.Sigma))];
        var sde = times.Select(schedule.SdeAt).ToArray();
        double[] noise = @case["x0"].Numbers(), data = @case["x1"].Numbers();
        int width = data.Length / times.Length;
        void Compare(string field, Func<int, int, double> value)
        {
            if (@case.Has(field))
                comparison.Equal(field, [.. data.Select((_, k) => value(k / width, k))], @case[field].Numbers());
        }
        void CompareTimes(string field, Func<int, double> value)
        {
            if (@case.Has(field))
                comparison.Equal(field, [.. times.Select((_, i) => value(i))], @case[field].Numbers());
        }
        double X(int i, int k) => levels[i].Alpha * data[k] + levels[i].Sigma * noise[k];
        double Velocity(int i, int k) => slopes[i].Alpha * data[k] + slopes[i].Sigma * noise[k];
        double Score(int i, int k) => -noise[k] / levels[i].Sigma;
        // What x and its velocity say about data and noise: two equations, of determinant ασ' − α'σ.
        double Determinant(int i) => levels[i].Alpha * slopes[i].Sigma - slopes[i].Alpha * levels[i].Sigma;
        double NoiseOf(int i, int k) => (levels[i].Alpha * Velocity(i, k) - slopes[i].Alpha * X(i, k)) / Determinant(i);
        double DataOf(int i, int k) => (slopes[i].Sigma * X(i, k) - levels[i].Sigma * Velocity(i, k)) / Determinant(i);
        CompareTimes("alpha_t", i => levels[i].Alpha);
        CompareTimes("sigma_t", i => levels[i].Sigma);
        CompareTimes("d_alpha_t", i => slopes[i].Alpha);
        CompareTimes("d_sigma_t", i => slopes[i].Sigma);
        Compare("x_t", X);
        Compare("dx_t", Velocity);
        Compare("u_t", Velocity);
        Compare("target_to_velocity", (i, k) => slopes[i].Alpha * data[k] + slopes[i].Sigma * (X(i, k) - levels[i].Alpha * data[k]) / levels[i].Sigma);
        Compare("epsilon_to_velocity", (i, k) => slopes[i].Alpha * (X(i, k) - levels[i].Sigma * noise[k]) / levels[i].Alpha + slopes[i].Sigma * noise[k]);
        Compare("velocity_to_epsilon", NoiseOf);
        Compare("noise_from_velocity", NoiseOf);
        Compare("velocity_to_target", DataOf);
        Compare("score_from_velocity", (i, k) => -NoiseOf(i, k) / levels[i].Sigma);
        // The probability flow f·x − ½g²·score, with time turned round.
        Compare("velocity_from_score", (i, k) => sde[i].DiffusionSquared / 2 * Score(i, k) - sde[i].Drift * X(i, k));
        if (@case.Json.Property("diffusion") is var diffusion)
        {
            if (diffusion.Has("SBDM"))
                comparison.Equal("diffusion SBDM", [.. sde.Select(coefficients => coefficients.DiffusionSquared / 2)], diffusion.GetProperty("SBDM").Numbers());
            if (diffusion.Has("sigma"))
                comparison.Equal("diffusion sigma", [.. levels.Select(level => level.Sigma)], diffusion.GetProperty("sigma").Numbers());
        }
        return true;
    }

    // The path is told in the name alone, its exponent at the end.
    private static NoiseSchedule? Schedule(GoldenCase @case)
    {
        var path = PathName().Match(@case.Name);
        return path.Groups[1].Value switch
        {
            "CondOT" or "Linear_ICPlan" or "Linear" or "ICPlan" => new RectifiedFlowSchedule(),
            "Polynomial" => new PolynomialFlowSchedule(@case.Params.Number("n", double.Parse(path.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture))),
            "VP" => new VpSchedule(@case.Params.Number("beta_min", 0.1), @case.Params.Number("beta_max", 20)),
            "LinearVP" => new LinearVpFlowSchedule(),
            "Cosine" or "GVP" => new CosineFlowSchedule(),
            _ => null,
        };
    }

    [GeneratedRegex(@"_path_([A-Za-z_]+)([0-9.]*)$")]
    private static partial Regex PathName();
}
