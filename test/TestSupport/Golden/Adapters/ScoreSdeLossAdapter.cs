namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>score_sde's training loss in continuous time, of the exact score.</summary>
internal sealed class ScoreSdeLossAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (@case.Text("function") != "losses.get_sde_loss_fn" || !settings.Flag("continuous", true) || ScoreSdeSchedule.Read(@case) is not { } sde)
            return false;
        double eps = settings.Number("eps", 1e-5);
        double[] times = [.. @case["uniform"].Numbers().Select(u => u * (1 - eps) + eps)];
        var levels = new NoiseLevels([.. times.Select(sde.Schedule.At)], times);
        var objective = new DenoisingScoreMatching(
            settings.Flag("likelihood_weighting") ? new LikelihoodWeight(sde.Schedule) : new SigmaPowerWeight(2),
            settings.Flag("reduce_mean"));
        using var x0 = @case["batch"].ToTensor();
        using var noise = @case["noise"].ToTensor();
        using var data = levels.Multiply(x0, level => level.Alpha);
        using var added = levels.Multiply(noise, level => level.Sigma);
        using var x = data + added;
        using var estimate = file.Mixture().Denoise(x, new StepContext(levels), Conditioning.None).X0;
        using var signal = levels.Multiply(estimate, level => level.Alpha / (level.Sigma * level.Sigma));
        using var state = levels.Multiply(x, level => 1 / (level.Sigma * level.Sigma));
        using var score = signal - state;
        using var loss = objective.Loss(score, noise, levels);
        using var same = objective.LossOfEstimate(estimate, x0, levels);
        comparison.Equal("loss", loss.item<double>(), @case["loss"].ToNumber());
        comparison.Equal("loss of the estimate", same.item<double>(), @case["loss"].ToNumber());
        return true;
    }
}
