namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The predictor–corrector samplers of score_sde_pytorch, on its grid linspace(1, ε, N), with its uniform chain and its norms over the batch.</summary>
internal sealed class ScoreSdeSamplerAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (@case.Text("function") != "get_pc_sampler" || !settings.Flag("continuous", true) || Schedule(@case) is not { } schedule)
            return false;
        bool ancestralVp = schedule is VpSchedule, flow = settings.Flag("probability_flow");
        string predictor = settings.Text("predictor", "none"), corrector = settings.Text("corrector", "none");
        double snr = settings.Number("snr", 0.16);
        int chainSteps = settings.Whole("n_steps", 1);
        (IPredictor? Predictor, bool Known) first = predictor switch
        {
            "euler_maruyama" => (new EulerMaruyamaPredictor(flow), true),
            "reverse_diffusion" => (new ReverseDiffusionPredictor(flow), true),
            "ancestral_sampling" => (new AncestralPredictor(largeVariance: ancestralVp), true),
            _ => (null, predictor == "none"),
        };
        (ICorrector? Corrector, bool Known) second = corrector switch
        {
            "langevin" => (new LangevinCorrector(snr, chainSteps, overBatch: true), true),
            "ald" => (new AnnealedLangevinCorrector(snr, chainSteps), true),
            _ => (null, corrector == "none"),
        };
        if (!first.Known || !second.Known)
            return false;
        var grid = Grid(schedule, @case.Json.Property("sde_params").Whole("N", 1000), settings.Number("eps", 1e-3), settings.Flag("denoise", true));
        var plan = new PredictorCorrectorSolver(first.Predictor, second.Corrector, KnownForwardChains.Uniform).Plan(grid);

        // The reference's predictors draw even where they add no noise.
        var recorded = @case["noises"].EnumerateArray().ToArray();
        int corrections = second.Corrector is null ? 0 : chainSteps, perStep = corrections + (first.Predictor is null ? 0 : 1);
        int used = first.Predictor is null || flow ? corrections : perStep;
        var draws = Enumerable.Range(0, grid.Steps).SelectMany(step => recorded.Skip(1 + step * perStep).Take(used));
        using var prior = recorded[0].ToTensor();
        // The reference starts from unit noise for both variance-preserving SDEs, although the variance of the second is not quite 1.
        using var start = schedule is VeSchedule ? prior * grid.PriorScale : prior.clone();
        using var recording = new RecordingDenoiser(file.Mixture());
        using var sample = PlanRunner.Run(plan, recording, start, Conditioning.None, new ListedNoise(draws, []));

        var calls = @case["score_calls"].EnumerateArray().ToArray();
        comparison.Equal("number of score calls", recording.Calls.Count, calls.Length);
        for (int i = 0; i < Math.Min(calls.Length, recording.Calls.Count); i++)
        {
            var (x, level, x0) = recording.Calls[i];
            comparison.Equal($"score call {i}, x", x, calls[i].GetProperty("x"));
            // As σ²·s = α·x̂0 − x: division by σ² of 1e-8 and less would leave nothing of the digits of either side.
            double[] state = x.data<double>().ToArray(), answer = x0.data<double>().ToArray();
            comparison.Equal($"score call {i}, σ²·score", [.. answer.Select((value, j) => level.Alpha * value - state[j])],
                [.. calls[i].GetProperty("score").Numbers().Select(value => level.Sigma * level.Sigma * value)]);
        }
        comparison.Equal("sample", sample, @case["x_final"]);
        return true;
    }

    /// <summary>The schedule of an SDE of score_sde_pytorch; null where the library does not have it.</summary>
    public static NoiseSchedule? Schedule(GoldenCase @case)
    {
        var settings = @case.Json.Property("sde_params");
        return @case.Text("sde") switch
        {
            "vp" => new VpSchedule(settings.Number("beta_min", 0.1), settings.Number("beta_max", 20)),
            "subvp" => new SubVpSchedule(settings.Number("beta_min", 0.1), settings.Number("beta_max", 20)),
            "ve" => new VeSchedule(settings.Number("sigma_min", 0.01), settings.Number("sigma_max", 50)),
            _ => null,
        };
    }

    // The step that ends at clean data leaves its noise out, which the reference calls denoising. Without it the run ends at a level below the last.
    private static TimeGrid Grid(NoiseSchedule schedule, int steps, double eps, bool denoise)
    {
        double[] times = [.. Enumerable.Range(0, steps).Select(i => 1 - i * (1 - eps) / (steps - 1))];
        var levels = times.Select(schedule.At).ToArray();
        var end = denoise ? NoiseLevel.Clean : levels[^1] with { Sigma = levels[^1].Sigma / 2 };
        return new TimeGrid(schedule, [.. times, -1.0 / steps], [.. levels, end]);
    }
}
