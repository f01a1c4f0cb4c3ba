namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>score_sde's probability-flow ODE sampler, which gives SciPy the whole batch as one vector.</summary>
internal sealed class ScoreSdeOdeAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (@case.Text("function") != "get_ode_sampler" || settings.Text("method", "RK45") != "RK45" || ScoreSdeSchedule.Read(@case) is not { } sde)
            return false;
        bool denoise = settings.Flag("denoise");
        var sampler = new AdaptiveOdeSampler(new AdaptiveStepping
        {
            RelativeTolerance = settings.Number("rtol", 1e-5),
            AbsoluteTolerance = settings.Number("atol", 1e-5),
            WholeBatch = true,
        }, denoise ? @case.Json.Property("sde_params").Whole("N", 1000) : null);
        var grid = new TimeGrid(sde.Schedule, [1, settings.Number("eps", 1e-3)]);
        using var start = @case["z"].ToTensor();
        using var recording = new RecordingDenoiser(file.Mixture());
        using var sample = sampler.Prepare(grid).Run(recording, start, Conditioning.None, new ScatteredNoise(0));
        comparison.Equal("sample", sample, @case["x_final"]);
        comparison.Equal("number of model calls", recording.Calls.Count - (denoise ? 1 : 0), @case["nfe"].ToNumber());
        return true;
    }
}
