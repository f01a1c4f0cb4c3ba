using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class GaussianProcessTests
{
    private static readonly NoiseLevels RowLevels = new([new NoiseLevel(0.8, 0.6), new NoiseLevel(0, 1), new NoiseLevel(1, 40)]);

    [TestMethod]
    public void Corrupt_LevelOfEachRow_IsTheFormulaAndInfersItsNoise()
    {
        var process = new GaussianProcess(KnownSchedules.Cosine);
        using var x0 = tensor(new double[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } });
        TensorLeak.AssertNone(() =>
        {
            using var noise = process.DrawLatent(x0, new ScatteredNoise(1), 3);
            using var x = process.Corrupt(x0, noise, RowLevels);
            using var inferred = process.InferLatent(x, x0, RowLevels, noise);
            var (n, y, m) = (noise.data<double>().ToArray(), x.data<double>().ToArray(), inferred.data<double>().ToArray());
            for (int i = 0; i < 6; i++)
            {
                var (alpha, sigma) = RowLevels[i / 2];
                // A few roundings.
                Assert.AreEqual(alpha * (i + 1) + sigma * n[i], y[i], 1e-13);
                Assert.AreEqual(n[i], m[i], 1e-13);
            }
        });
    }

    [TestMethod]
    public void InferLatent_CleanRow_NamesIt()
    {
        using var x = zeros(1, 2);
        var levels = new NoiseLevels(NoiseLevel.Clean);
        var exception = Assert.ThrowsExactly<ArgumentException>(() => new GaussianProcess(KnownSchedules.Edm).InferLatent(x, x, levels, x));
        Assert.Contains("Row 0 is clean", exception.Message);
    }
}
