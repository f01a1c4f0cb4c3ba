using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class DenoiserLogDensityTests
{
    private static readonly NoiseLevel Level = new(0.8, 0.6);

    [TestMethod]
    public void LogRatio_MoreInnerPoints_ApproachesTheExactDensity()
    {
        double[] errors = [.. Enumerable.Range(0, 4).Select(inner => Error(ExactMixture.Denoiser, inner))];
        for (int inner = 1; inner < errors.Length; inner++)
            Assert.IsLessThan(errors[inner - 1] / 2, errors[inner], string.Join(", ", errors));
        // Lobatto's rule of degree 7 over segments as long as half the level's noise.
        Assert.IsLessThan(1e-5, errors[^1]);
    }

    [TestMethod]
    public void LogRatio_Gaussian_IsExactByTheTrapezoid()
    {
        var gaussian = new GaussianMixtureDenoiser([1], [[0.5, -1]], [new[,] { { 0.7, 0.2 }, { 0.2, 0.3 } }]);
        for (int inner = 0; inner < 4; inner++)
            // A linear score: rounding alone.
            Assert.AreEqual(0, Error(gaussian, inner), 1e-12);
    }

    [TestMethod]
    public void At_MixtureAtALevel_IsTheGradientOfItsLogDensity()
    {
        var exact = new DifferentiableLogDensity(x => ExactMixture.Denoiser.LogDensity(x, Level));
        using var like = ExactMixture.Rows(6);
        using var expected = exact.At(new ScatteredNoise(1).Normal(0, like), withScore: true);
        using var actual = new DenoiserLogDensity(ExactMixture.Denoiser, Level, Conditioning.None).At(expected.X.clone(), withScore: true);
        // Tweedie's formula against differentiation, in double.
        Assert.AreEqual(0, Moments.Distance(expected.Score!, actual.Score!), 1e-12);
    }

    [TestMethod]
    public void Constructor_BadInput_SaysWhatWasGot()
    {
        Assert.Contains("σ must be positive", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new DenoiserLogDensity(ExactMixture.Denoiser, NoiseLevel.Clean, Conditioning.None)).Message);
        foreach (int inner in new[] { -1, 4 })
            Assert.Contains("[0, 3]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new DenoiserLogDensity(ExactMixture.Denoiser, Level, Conditioning.None, innerPoints: inner)).Message);
    }

    // The largest error of a log-ratio over some segments.
    private static double Error(GaussianMixtureDenoiser mixture, int innerPoints)
    {
        using var like = ExactMixture.Rows(50);
        var density = new DenoiserLogDensity(mixture, Level, Conditioning.None, innerPoints: innerPoints);
        using var from = density.At(new ScatteredNoise(1).Normal(0, like), withScore: true);
        using var z = new ScatteredNoise(2).Normal(0, like);
        using var step = z * 0.3;
        using var to = density.At(from.X + step, withScore: true);
        using var ratio = density.LogRatio(from, to);
        using var above = mixture.LogDensity(to.X, Level);
        using var below = mixture.LogDensity(from.X, Level);
        using var expected = above - below;
        return Moments.Distance(ratio, expected);
    }
}
