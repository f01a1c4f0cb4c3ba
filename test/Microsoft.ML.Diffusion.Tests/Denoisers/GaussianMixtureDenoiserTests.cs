using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class GaussianMixtureDenoiserTests
{
    [TestMethod]
    public void Denoise_OneGaussian_IsTheLinearPosteriorMean()
    {
        // Scalar: E[x0|x] = m + α·c/(α²c + σ²)·(x − α·m).
        var denoiser = new GaussianMixtureDenoiser([3], [[2.0]], [new[,] { { 0.5 } }]);
        double got = Denoise(denoiser, [[1.7]], new NoiseLevel(0.8, 0.6))[0];
        Assert.AreEqual(2 + 0.8 * 0.5 / (0.64 * 0.5 + 0.36) * (1.7 - 1.6), got, 1e-14);
    }

    [TestMethod]
    public void Denoise_PureNoise_IsTheMeanOfTheData()
    {
        var got = Denoise(ExactMixture.Denoiser, [[5, -3]], new NoiseLevel(0, 1));
        // Rounding of numbers of size 1.
        Assert.AreEqual(ExactMixture.Mean[0], got[0], 1e-14);
        Assert.AreEqual(ExactMixture.Mean[1], got[1], 1e-14);
    }

    [TestMethod]
    public void Denoise_CleanData_IsTheDataItself()
    {
        var got = Denoise(ExactMixture.Denoiser, [[5, -3]], new NoiseLevel(0.5, 0));
        Assert.AreEqual(10, got[0], 1e-13);
        Assert.AreEqual(-6, got[1], 1e-13);
    }

    [TestMethod]
    public void Denoise_FarAwayWithLittleNoise_StaysFinite()
    {
        // Both densities underflow: only their ratio counts.
        var got = Denoise(ExactMixture.Denoiser, [[1e4, 1e4]], new NoiseLevel(1, 1e-3));
        // Little noise: the data are almost where x is, σ²·C⁻¹ relatively.
        Assert.AreEqual(1e4, got[0], 1);
        Assert.AreEqual(1e4, got[1], 1);
    }

    [TestMethod]
    public void Denoise_DegenerateCovariance_StaysOnTheLine()
    {
        var denoiser = new GaussianMixtureDenoiser([1], [[1, 1]], [new[,] { { 1.0, 1.0 }, { 1.0, 1.0 } }]);
        var got = Denoise(denoiser, [[3, -1]], new NoiseLevel(1, 0.1));
        Assert.AreEqual(got[0], got[1], 1e-13);
        Assert.AreEqual(1, got[0], 1e-13);
    }

    [TestMethod]
    public void LogDensity_OneGaussian_IsTheClosedForm()
    {
        var mixture = new GaussianMixtureDenoiser([3], [[2.0]], [new[,] { { 0.5 } }]);
        var level = new NoiseLevel(0.8, 0.6);
        double variance = 0.64 * 0.5 + 0.36, offset = 1.7 - 0.8 * 2;
        Assert.AreEqual(-offset * offset / (2 * variance) - Math.Log(2 * Math.PI * variance) / 2, LogDensity(mixture, 1.7, level), 1e-14);
    }

    [TestMethod]
    [DataRow(1, 0.3)]
    [DataRow(0.6, 0.8)]
    public void LogDensity_Slope_IsTheScoreOfTheDenoiser(double alpha, double sigma)
    {
        // Tweedie: ∇ln p = (α·x̂0 − x)/σ².
        var level = new NoiseLevel(alpha, sigma);
        using var x = tensor(new[] { 0.4, 0.9, -1.2, 0.1 }, [2, 2]).requires_grad_();
        using var density = ExactMixture.Denoiser.LogDensity(x, level);
        using var total = density.sum();
        total.backward();
        using var gradient = x.grad!;
        double[] states = [.. x.data<double>()], x0 = [.. Denoise(ExactMixture.Denoiser, [[0.4, 0.9], [-1.2, 0.1]], level)];
        for (int i = 0; i < 4; i++)
            Assert.AreEqual((alpha * x0[i] - states[i]) / (sigma * sigma), gradient.data<double>()[i], 1e-12);
    }

    [TestMethod]
    public void LogDensity_SingularAtCleanData_SaysSo()
    {
        var flat = new GaussianMixtureDenoiser([1], [[1.0]], [new[,] { { 0.0 } }]);
        var e = Assert.ThrowsExactly<ArgumentException>(() => LogDensity(flat, 1, NoiseLevel.Clean));
        Assert.Contains("singular", e.Message);
        Assert.IsGreaterThan(0, LogDensity(flat, 1, new NoiseLevel(1, 1e-3)));
    }

    [TestMethod]
    public void LogDensity_TwoComponents_IntegratesToOne()
    {
        var level = new NoiseLevel(1, 0.2);
        double[] places = [.. Enumerable.Range(0, 400).Select(i => -5 + 0.025 * (i + 0.5))];
        using var x = tensor((double[])[.. places.SelectMany(a => places.SelectMany(b => new[] { a, b }))], [160_000, 2]);
        using var logarithms = ExactMixture.Denoiser.LogDensity(x, level);
        using var densities = logarithms.exp();
        using var sum = densities.sum();
        // The midpoint rule on a smooth density that vanishes at the border.
        Assert.AreEqual(1, sum.item<double>() * 0.025 * 0.025, 1e-9);
    }

    [TestMethod]
    public void LogDensity_Twice_LeavesNoTensor()
    {
        using var x = ExactMixture.Rows(3);
        TensorLeak.AssertNone(() => ExactMixture.Denoiser.LogDensity(x, new NoiseLevel(1, 1)).Dispose());
    }

    [TestMethod]
    public void Denoise_ScaledStateAndLevel_IsTheSame()
    {
        var once = Denoise(ExactMixture.Denoiser, [[0.4, 0.9]], new NoiseLevel(0.6, 0.8));
        var scaled = Denoise(ExactMixture.Denoiser, [[4, 9]], new NoiseLevel(6, 8));
        Assert.AreEqual(once[0], scaled[0], 1e-14);
        Assert.AreEqual(once[1], scaled[1], 1e-14);
    }

    [TestMethod]
    public void Denoise_LevelOfEachRow_EqualsRowsAlone()
    {
        NoiseLevel[] levels = [new(0.8, 0.6), new(0, 1), new(1, 0), new(1, 30)];
        double[][] rows = [[1, 2], [-1, 0.5], [0.2, 0.1], [20, -40]];
        var together = Denoise(ExactMixture.Denoiser, rows, new NoiseLevels(levels));
        for (int i = 0; i < rows.Length; i++)
        {
            var alone = Denoise(ExactMixture.Denoiser, [rows[i]], levels[i]);
            Assert.AreEqual(alone[0], together[2 * i], 1e-14);
            Assert.AreEqual(alone[1], together[2 * i + 1], 1e-14);
        }
    }

    [TestMethod]
    public void Denoise_PictureInSinglePrecision_KeepsShapeAndTypeAndLeavesNothing()
    {
        int size = 2 * 3 * 3;
        var covariance = new double[size, size];
        for (int i = 0; i < size; i++)
            covariance[i, i] = 0.5 + 0.1 * i;
        var denoiser = new GaussianMixtureDenoiser([1, 1], [new double[size], [.. Enumerable.Repeat(1.0, size)]], [covariance, covariance]);
        using var x = ones(4, 2, 3, 3, dtype: float32);
        TensorLeak.AssertNone(() =>
        {
            using var x0 = denoiser.Denoise(x, new StepContext(new NoiseLevel(0.6, 0.8)), Conditioning.None).X0;
            Assert.AreSequenceEqual(x.shape, x0.shape);
            Assert.AreEqual(float32, x0.dtype);
        });
    }

    [TestMethod]
    public void Constructor_IllegalComponent_NamesIt()
    {
        double[,] unit = { { 1 } };
        Expect("weight 1 is -1", [1, -1], [[0], [0]], [unit, unit]);
        Expect("got 1, 1 and 2", [1], [[0]], [unit, unit]);
        Expect("Component 1", [1, 1], [[0], [0, 0]], [unit, unit]);
        Expect("symmetric", [1], [[0, 0]], [new[,] { { 1.0, 0.5 }, { 0.0, 1.0 } }]);
        Expect("eigenvalue -1", [1], [[0, 0]], [new[,] { { 0.0, 1.0 }, { 1.0, 0.0 } }]);
        using var x = zeros(2, 3);
        Assert.Contains("[2, 3]", Assert.ThrowsExactly<ArgumentException>(() => ExactMixture.Denoiser.Denoise(x, new StepContext(NoiseLevel.Clean), Conditioning.None)).Message);
    }

    private static void Expect(string words, double[] weights, double[][] means, double[][,] covariances)
        => Assert.Contains(words, Assert.ThrowsExactly<ArgumentException>(() => new GaussianMixtureDenoiser(weights, means, covariances)).Message);

    private static double LogDensity(GaussianMixtureDenoiser mixture, double x, NoiseLevel level)
    {
        using var row = tensor(new[] { x }, [1, 1]);
        using var density = mixture.LogDensity(row, level);
        return density.item<double>();
    }

    private static double[] Denoise(IDenoiser denoiser, double[][] rows, NoiseLevels levels)
    {
        using var x = tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);
        using var x0 = denoiser.Denoise(x, new StepContext(levels), Conditioning.None).X0;
        return x0.data<double>().ToArray();
    }
}
