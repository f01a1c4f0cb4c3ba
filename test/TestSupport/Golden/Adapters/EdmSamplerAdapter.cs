using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>EDM's sampler (Algorithm 2), and EDM2's, which guides a network by a worse one.</summary>
internal sealed class EdmSamplerAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        bool second = @case.Text("function") == "edm2 generate_images.edm_sampler";
        if (@case.Text("function") != "edm_sampler" && !second)
            return false;
        int steps = settings.Whole("num_steps", 18);
        var spacing = new KarrasSpacing(settings.Number("rho", 7), settings.Number("sigma_min", 0.002), settings.Number("sigma_max", 80));
        var grid = spacing.Grid(KnownSchedules.Edm, steps);
        var plan = new HeunSolver(churn: EdmChurn.Read(settings)).Plan(grid);
        // EDM draws in every step, EDM2 only where it uses the draw.
        int used = 0;
        Func<int, int> stepOf = second ? _ => used++ : evaluations => evaluations / 2;
        using var latents = @case["latents"].ToTensor();
        using var start = latents * grid.PriorScale;
        var noise = new RecordedNoise(plan, step => @case["noises"][step], stepOf);
        double guidance = settings.Number("guidance", 1);
        if (guidance == 1)
        {
            GoldenReplay.CompareCalls(comparison, @case, plan, file.Mixture(), start, noise);
            return true;
        }
        using var guide = new RecordingDenoiser(GoldenFile.Mixture(@case["gmm_guide"]));
        GoldenReplay.CompareCalls(comparison, @case, plan, file.Mixture(), start, noise, network => new ExtrapolatedDenoiser(network, guide, guidance));
        GoldenReplay.CompareCalls(comparison, "guide", guide, @case["guide_calls"]);
        return true;
    }

    // Autoguidance (Karras et al. 2024, arXiv:2406.02507, eq. 3), in double.
    private sealed class ExtrapolatedDenoiser(IDenoiser network, IDenoiser guide, double scale) : IDenoiser
    {
        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            using var good = network.Denoise(x, step, condition).X0;
            using var bad = guide.Denoise(x, step, condition).X0;
            double[] strong = good.data<double>().ToArray(), weak = bad.data<double>().ToArray();
            return new Denoised(tensor(strong.Zip(weak, (a, b) => b + scale * (a - b)).ToArray(), x.shape));
        }
    }
}
