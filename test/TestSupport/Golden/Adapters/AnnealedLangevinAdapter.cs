namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>ncsnv2's anneal_Langevin_dynamics. A run without its final denoising ends at the last σ.</summary>
internal sealed class AnnealedLangevinAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (@case.Text("function") != "models.anneal_Langevin_dynamics")
            return false;
        var settings = @case.Params;
        var sigmas = @case["sigmas"].Numbers();
        bool denoise = settings.Flag("denoise", true);
        var grid = TimeGrid.FromRatios(denoise ? [.. sigmas, 0] : sigmas);
        var solver = new AnnealedLangevinSolver(settings.Number("step_lr", 0) / (sigmas[^1] * sigmas[^1]), settings.Whole("n_steps_each"));
        using var start = @case["x_init"].ToTensor();
        using var recording = new RecordingDenoiser(file.Mixture());
        using var sample = PlanRunner.Run(solver.Plan(grid), recording, start, Conditioning.None, new ListedNoise(@case["noises"].EnumerateArray(), []));
        var trajectory = @case["trajectory"].EnumerateArray().ToArray();
        comparison.Equal("number of score calls", recording.Calls.Count, trajectory.Length);
        for (int i = 1; i < Math.Min(trajectory.Length, recording.Calls.Count); i++)
            comparison.Equal($"state {i - 1}", recording.Calls[i].X, trajectory[i - 1]);
        comparison.Equal("sample", sample, trajectory[^1]);
        return true;
    }
}
