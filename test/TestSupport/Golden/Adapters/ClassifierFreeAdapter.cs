using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' classifier-free combination of two answers, and its rescale.</summary>
internal sealed class ClassifierFreeAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").EndsWith("rescale_noise_cfg", StringComparison.Ordinal))
            return false;
        long rows = (long)@case["shape"][0].ToNumber();
        using var conditional = tensor(@case["cond"].Numbers()).view(rows, -1);
        using var unconditional = tensor(@case["uncond"].Numbers()).view(rows, -1);
        double scale = @case.Params.Number("guidance_scale", 1);
        Compare("combined", new ClassifierFreeGuidance(scale), @case["combined"]);
        if (@case.Has("rescaled"))
            foreach (var rescaled in @case["rescaled"].EnumerateObject())
                Compare($"rescaled {rescaled.Name}", new ClassifierFreeGuidance(scale) { Rescale = double.Parse(rescaled.Name, System.Globalization.CultureInfo.InvariantCulture) }, rescaled.Value);
        return true;

        void Compare(string what, ClassifierFreeGuidance guidance, System.Text.Json.JsonElement expected)
        {
            var guided = guidance.Guide(new ConditionalMixture(new Constant(conditional), new Constant(unconditional)));
            using var answer = guided.Denoise(conditional, new StepContext(new NoiseLevel(1, 1)), ConditionalMixture.Rows(rows)).X0;
            using var flat = answer.flatten();
            comparison.Equal(what, [.. flat.data<double>()], expected.Numbers());
        }
    }

    // The same answer for each copy of the rows.
    private sealed class Constant(Tensor answer) : IDenoiser
    {
        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
            => new(cat([.. Enumerable.Repeat(answer, (int)(x.size(0) / answer.size(0)))]));
    }
}
