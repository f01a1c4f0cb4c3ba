namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>lucidrains' training loss, of a network given as a formula: what it predicts, min-SNR weights, offset noise.</summary>
internal sealed class LucidrainsLossAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (!@case.Text("source").EndsWith("GaussianDiffusion.p_losses", StringComparison.Ordinal)
            || LucidrainsDdimAdapter.Prediction(settings) is not { } parameterization
            || FormulaNetwork.Read(@case.Text("model")) is not { } network
            || LucidrainsBetasAdapter.Schedule(settings.Text("beta_schedule", "sigmoid"), settings) is not { } schedule)
            return false;
        double[] steps = @case["t"].Numbers();
        var levels = new NoiseLevels([.. steps.Select(step => schedule.LevelOf((int)step))]);
        // Without clipping the reference weighs ε uniformly: the SNR over x0.
        LossWeight weight = settings.Flag("min_snr_loss_weight") ? new MinSnrLossWeight(settings.Number("min_snr_gamma", 5)) : new SnrLossWeight();
        var objective = new DenoisingObjective(parameterization, weight);
        var process = new GaussianProcess(schedule);
        INoiseSource noise = new ListedNoise(@case["noises"].EnumerateArray(), []);
        double offset = settings.Number("offset_noise_strength", 0);
        using var x0 = @case["x_start"].ToTensor();
        using var latent = process.DrawLatent(x0, offset > 0 ? new OffsetNoise(noise, offset) : noise, 0);
        using var x = process.Corrupt(x0, latent, levels);
        using var answer = network.Answer(x, steps);
        using var rows = objective.LossOfRows(answer, x, x0, levels);
        using var loss = objective.Loss(answer, x, x0, levels);
        double[] expected = @case["loss_per_sample"].Numbers();
        comparison.Equal("weight", [.. steps.Select((_, row) => weight.OnTarget(levels[row], parameterization))], @case["loss_weight"].Numbers());
        comparison.Equal("loss of a row", rows, @case["loss_per_sample"]);
        comparison.Equal("loss", loss.item<double>(), expected.Average());
        return true;
    }
}
