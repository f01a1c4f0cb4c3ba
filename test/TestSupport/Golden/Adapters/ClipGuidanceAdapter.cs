using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>CLIP guidance of k-diffusion, through the estimate by the spherical distance; and of GLIDE, of the noisy state by the cosine.</summary>
internal sealed class ClipGuidanceAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (@case.Has("cond_denoised") && @case.Has("target_embed"))
            return Crowson(file, @case, comparison);
        return @case.Has("text_embed") && @case.Params.Has("grad_scale") && Glide(file, @case, comparison);
    }

    private static bool Crowson(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        using var x = @case["x"].ToTensor();
        double[] sigmas = @case["sigma"].Numbers();
        var levels = new NoiseLevels(sigmas.Select(NoiseLevel.FromRatio).ToArray());
        var denoiser = file.Mixture();
        using var plain = denoiser.Denoise(x, new StepContext(levels), Conditioning.None).X0;
        comparison.Equal("denoised", plain, @case["denoised"]);
        var encoder = Encoder(@case);
        using var target = Rows(@case["target_embed"], x.size(0));
        using var vectors = encoder.Embed(plain, NoiseLevel.Clean);
        using var similarity = KnownSimilarities.Spherical.Of(vectors, target);
        using var loss = similarity.neg();
        comparison.Equal("loss", loss, @case["spherical_loss"]);
        var guidance = new ClipGuidance(encoder, @case.Params.Number("scale", 1)) { Similarity = KnownSimilarities.Spherical, OfEstimate = true };
        using var guided = Guided(guidance, denoiser, x, levels, target);
        comparison.Equal("cond_denoised", guided, @case["cond_denoised"]);
        return true;
    }

    private static bool Glide(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        using var x = @case["x"].ToTensor();
        // Where σ²/α is 1 the gradient is the shift of x̂0.
        NoiseLevels levels = new NoiseLevel(1, 1);
        var denoiser = file.Mixture();
        var guidance = new ClipGuidance(Encoder(@case), @case.Params.Number("grad_scale", 1)) { Similarity = new ScaledCosineSimilarity(@case.Params.Number("logit_scale", 0)) };
        using var plain = denoiser.Denoise(x, new StepContext(levels), Conditioning.None).X0;
        using var target = Rows(@case["text_embed"], x.size(0));
        using var guided = Guided(guidance, denoiser, x, levels, target);
        using var shift = guided - plain;
        comparison.Equal("grad", shift, @case["grad"]);
        return true;
    }

    private static LinearEncoder Encoder(GoldenCase @case) => new(@case["W"].Numbers(), @case["W"].GetArrayLength());

    private static Tensor Rows(System.Text.Json.JsonElement vector, long rows)
    {
        using var one = vector.ToTensor();
        return one.dim() == 1 ? one.expand(rows, one.size(0)).clone() : one.clone();
    }

    // Targets stay in double.
    private static Tensor Guided(ClipGuidance guidance, IDenoiser denoiser, Tensor x, NoiseLevels levels, Tensor target)
    {
        var layout = new ConditionLayout(guidance.InputsFor(new DataShape((int)x.size(1)), ConditionLayout.Empty));
        using var scales = full(x.size(0), 1, guidance.Scale, float64);
        using var packed = cat([scales, target], 1);
        return guidance.Guide(denoiser).Denoise(x, new StepContext(levels), new Conditioning(layout, packed)).X0;
    }
}
