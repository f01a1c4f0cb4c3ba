namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>NCSNv2's denoising score matching with σ^power, of a linear score.</summary>
internal sealed class NcsnLossAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (@case.Text("function") != "losses.dsm.anneal_dsm_score_estimation")
            return false;
        double[] sigmas = @case["sigmas"].Numbers();
        var levels = new NoiseLevels([.. @case["labels"].Numbers().Select(label => NoiseLevel.FromRatio(sigmas[(int)label]))]);
        using var samples = @case["samples"].ToTensor();
        using var noise = @case["noise"].ToTensor();
        using var weights = @case["W"].ToTensor();
        using var added = levels.Multiply(noise, level => level.Sigma);
        using var x = samples + added;
        using var product = x.mm(weights);
        using var score = levels.Multiply(product, level => 1 / level.Sigma);
        using var loss = new DenoisingScoreMatching(new SigmaPowerWeight(@case.Params.Number("anneal_power", 2))).Loss(score, noise, levels);
        comparison.Equal("loss", loss.item<double>(), @case["loss"].ToNumber());
        return true;
    }
}
