using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>
/// lucidrains' GaussianDiffusion.interpolate: the sources are noised to step t, and the first step of the solver is t − 1. Each estimate is clipped to [−1, 1].
/// </summary>
internal sealed class LucidrainsInterpolateAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (@case.Text("source") != "lucidrains GaussianDiffusion.interpolate" || Prediction(@case) is not { } parameterization)
            return false;
        int t = @case.Params.Whole("t");
        var levels = Levels(@case["betas"].Numbers());
        // Times are steps: the network is told them.
        var grid = new TimeGrid(KnownSchedules.Vp, [.. Enumerable.Range(-1, t + 1).Reverse().Select(step => (double)step)], [.. levels.Take(t).Reverse(), NoiseLevel.Clean]);
        var plan = NoisedInterpolation.Plan(KnownSolvers.DdpmAncestral, grid, levels[t]);

        var noises = @case["noises"].EnumerateArray().ToArray();
        using var start = Scaled(noises[0].ToTensor(), grid.PriorScale);
        using var first = @case["x1"].ToTensor();
        using var second = @case["x2"].ToTensor();
        using var weight = full_like(first, @case.Params.Number("lam", 0.5));
        // A draw for the second source, then one a step, but for the last.
        var noise = new RecordedNoise(plan, step => noises[step], evaluations => 1 + evaluations);
        var denoiser = ThresholdedDenoiser.Clip(new TanhNetwork(parameterization));
        using var sample = PlanRunner.Run(plan, denoiser, start, Conditioning.None, noise, [first, second, weight]);
        comparison.Equal("sample", sample, @case["x_final"]);
        return true;
    }

    private static Parameterization? Prediction(GoldenCase @case) => @case.Params.Text("objective") switch
    {
        "pred_noise" => KnownParameterizations.Epsilon,
        "pred_v" => KnownParameterizations.V,
        "pred_x0" => KnownParameterizations.X0,
        _ => null,
    };

    // Not a schedule of the library: with few steps the last β of the reference's table is 1.
    private static NoiseLevel[] Levels(double[] betas)
    {
        double alphaBar = 1;
        return [.. betas.Select(beta => NoiseLevel.FromAlphaBar(alphaBar *= 1 - beta))];
    }

    private static Tensor Scaled(Tensor x, double scale)
    {
        using (x)
        using (var factor = tensor(scale, float64))
            return x.mul(factor);
    }

    // The network of the case: tanh(x)·(0.5 + t/1000).
    private sealed class TanhNetwork(Parameterization parameterization) : IDenoiser
    {
        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            using var squashed = x.tanh();
            using var output = Scaled(squashed.clone(), 0.5 + step.Level.TimeAt(0)!.Value / 1000);
            return new Denoised(parameterization.Denoise(x, output, step.Level));
        }
    }
}
