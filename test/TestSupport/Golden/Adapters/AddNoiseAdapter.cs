namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Noised batches and what the network should answer, of diffusers' schedulers.</summary>
internal sealed class AddNoiseAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        string source = @case.Text("source");
        if (!@case.Has("x_t") || !@case.Has("x0") || !@case.Has("noise"))
            return false;
        NoiseLevel[] levels;
        if (source.Contains("add_noise", StringComparison.Ordinal) && DiffusersConfig.Schedule(@case.Params) is { } schedule)
            levels = [.. @case["t"].Numbers().Select(step => schedule.LevelOf((int)step))];
        else if (source.Contains("scale_noise", StringComparison.Ordinal))
            levels = [.. @case["sigma"].Numbers().Select(KnownSchedules.RectifiedFlow.At)];
        else
            return false;
        using var x0 = @case["x0"].ToTensor();
        using var noise = @case["noise"].ToTensor();
        var rows = new NoiseLevels(levels);
        using var x = new GaussianProcess(KnownSchedules.Edm).Corrupt(x0, noise, rows);
        comparison.Equal("x_t", x, @case["x_t"]);
        if (@case.Has("v"))
        {
            using var v = KnownParameterizations.V.Target(x, x0, rows);
            comparison.Equal("v", v, @case["v"]);
        }
        if (@case.Has("target"))
        {
            // The velocity of the flow: dx/dt by the schedule's derivatives.
            var slope = KnownSchedules.RectifiedFlow.DerivativeAt(0.5);
            var (data, drawn) = (@case["x0"].Numbers(), @case["noise"].Numbers());
            comparison.Equal("target", [.. data.Select((value, k) => slope.Alpha * value + slope.Sigma * drawn[k])], @case["target"].Numbers());
        }
        return true;
    }
}
