using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Runs that start later: from a source that is noised, from noisy data, or from two sources.</summary>
[TestClass]
public sealed class PartialRunTests
{
    [TestMethod]
    [DataRow(0.0, 0)]
    [DataRow(0.09, 0)]
    [DataRow(0.3, 3)]
    [DataRow(0.99, 9)]
    [DataRow(1.0, 10)]
    public void Rest_Strength_KeepsTheLastSteps(double strength, int steps)
    {
        var grid = KnownSpacings.Karras.Grid(KnownSchedules.Edm, 10);
        var rest = ImageToImage.Rest(grid, strength);
        Assert.AreEqual(steps, rest?.Steps ?? 0);
        if (rest is not null)
            Assert.AreSequenceEqual(grid.Levels.TakeLast(steps + 1), rest.Levels);
    }

    [TestMethod]
    [DataRow(-0.1)]
    [DataRow(1.1)]
    [DataRow(double.NaN)]
    public void Rest_StrengthOutOfRange_IsRefused(double strength)
        => Assert.AreEqual(strength, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ImageToImage.Rest(KnownSpacings.Karras.Grid(KnownSchedules.Edm, 10), strength)).ActualValue);

    [TestMethod]
    public void ImageToImage_StartOfTheRun_IsTheSourceNoisedToTheLevel()
    {
        foreach (var schedule in new[] { KnownSchedules.Edm, KnownSchedules.Cosine, KnownSchedules.SubVp })
        {
            var rest = ImageToImage.Rest(schedule.DefaultSpacing.Grid(schedule, 10), 0.5)!;
            var start = (Combine)ImageToImage.Plan(KnownSolvers.Ddim, rest).Instructions[0];
            Assert.AreEqual(rest.Levels[0].Alpha, start.Terms.Single(term => term.Source.Kind == RegisterKind.Input).Coefficient);
            // The start is noise at the prior's scale.
            Assert.AreEqual(rest.Levels[0].Sigma, start.Terms.Single(term => term.Source.Kind == RegisterKind.Start).Coefficient * rest.PriorScale, 1e-12);
        }
    }

    [TestMethod]
    public void NoisyStart_LevelInAnotherForm_GivesTheSame()
    {
        // The same noisy data, written for α = 1 and for α² + σ² = 1, on a grid of either form.
        var level = NoiseLevel.FromRatio(0.7);
        double scale = 1 / Math.Sqrt(1 + 0.49);
        var other = new NoiseLevel(scale, 0.7 * scale);
        using var noisy = tensor(new double[] { 0.3, -1, 1.2, 0.1 }, [2, 2]);
        using var factor = tensor(scale);
        using var scaled = noisy.mul(factor);
        foreach (var schedule in new[] { KnownSchedules.Edm, KnownSchedules.Cosine, KnownSchedules.RectifiedFlow })
        {
            var grid = schedule.DefaultSpacing.Grid(schedule, 30);
            double[] expected = Run(NoisyStart.Plan(KnownSolvers.Ddim, grid, level), noisy), actual = Run(NoisyStart.Plan(KnownSolvers.Ddim, grid, other), scaled);
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], actual[i], 1e-11, "rounding");
        }
    }

    [TestMethod]
    public void NoisyStart_SampledOn_HasTheMomentsOfTheData()
    {
        const int rows = 4000;
        var noise = new ScatteredNoise(4);
        var grid = KnownSpacings.Karras.Grid(KnownSchedules.Edm, 40);
        using var like = ExactMixture.Rows(rows);
        using var start = PlanRunner.DrawStart(grid, noise, like);
        using var data = PlanRunner.Run(KnownSolvers.Heun.Plan(grid), ExactMixture.Denoiser, start, Conditioning.None, noise);
        using var eps = noise.Normal(100, like);
        using var noisy = data.add(eps);
        using var sample = PlanRunner.Run(NoisyStart.Plan(KnownSolvers.Heun, grid, new NoiseLevel(1, 1)), ExactMixture.Denoiser, noisy, Conditioning.None, noise);
        double[] values = sample.data<double>().ToArray();
        for (int j = 0; j < 2; j++)
        {
            double[] column = [.. values.Where((_, i) => i % 2 == j)];
            double mean = column.Average();
            // Three standard errors of 4000 rows.
            Assert.AreEqual(ExactMixture.Mean[j], mean, 3 * Math.Sqrt(ExactMixture.Covariance(j, j) / rows));
            Assert.AreEqual(ExactMixture.Covariance(j, j), column.Average(value => (value - mean) * (value - mean)), 0.06);
        }
    }

    [TestMethod]
    [DataRow(0.0, 0)]
    [DataRow(1.0, 1)]
    public void NoisedInterpolation_AtTheEnds_IsImageToImage(double weight, int end)
    {
        var rest = ImageToImage.Rest(KnownSpacings.Trailing.Grid(KnownSchedules.Cosine, 10), 0.5)!;
        using var like = ExactMixture.Rows(2);
        using var first = full_like(like, -0.5);
        using var second = full_like(like, 0.5);
        using var weights = full_like(like, weight);
        var noise = new ScatteredNoise(6);
        using var start = noise.Normal(0, like);
        using var between = PlanRunner.Run(NoisedInterpolation.Plan(KnownSolvers.Ddim, rest), ExactMixture.Denoiser, start, Conditioning.None, noise, [first, second, weights]);
        using var otherStart = noise.Normal(1, like);
        using var alone = PlanRunner.Run(
            ImageToImage.Plan(KnownSolvers.Ddim, rest), ExactMixture.Denoiser, end == 0 ? start : otherStart, Conditioning.None, noise, [end == 0 ? first : second]);
        double[] expected = alone.data<double>().ToArray(), actual = between.data<double>().ToArray();
        // The prior's scale, √(α² + σ²), is 1 but for rounding.
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-13);
    }

    private static double[] Run(SamplingPlan plan, Tensor start)
    {
        using var sample = PlanRunner.Run(plan, ExactMixture.Denoiser, start, Conditioning.None, new ScatteredNoise(0));
        return sample.data<double>().ToArray();
    }
}
