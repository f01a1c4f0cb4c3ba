namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>k-diffusion's adaptive DPM-Solver, with one step for the whole batch.</summary>
internal sealed class KDiffusionAdaptiveAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (@case.Text("function") != "sample_dpm_adaptive")
            return false;
        var settings = @case.Params;
        var sampler = new DpmAdaptiveSampler
        {
            Order = settings.Whole("order", 3),
            RelativeTolerance = settings.Number("rtol", 0.05),
            AbsoluteTolerance = settings.Number("atol", 0.0078),
            FirstStep = settings.Number("h_init", 0.05),
            Gains = new PidGains(settings.Number("pcoeff", 0), settings.Number("icoeff", 1), settings.Number("dcoeff", 0)),
            AcceptSafety = settings.Number("accept_safety", 0.81),
            Eta = settings.Number("eta", 0),
            NoiseScale = settings.Number("s_noise", 1),
            WholeBatch = true,
        };
        var grid = TimeGrid.FromRatios([settings.Number("sigma_max", 0), settings.Number("sigma_min", 0)]);
        using var start = @case["x_init"].ToTensor();
        using var recording = new RecordingDenoiser(file.Mixture());
        // The reference draws at each accepted step.
        using var sample = sampler.Prepare(grid).Run(recording, start, Conditioning.None, new ListedNoise(@case["noises"].EnumerateArray(), []));
        GoldenReplay.CompareCalls(comparison, "model", recording, @case["model_calls"]);
        comparison.Equal("sample", sample, @case["x_final"]);
        return true;
    }
}
