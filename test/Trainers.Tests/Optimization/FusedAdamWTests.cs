using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public class FusedAdamWTests
{
    [TestMethod]
    public void Step_ManySteps_FollowsThePaper()
    {
        const double rate = 0.01, decay = 0.1;
        double[] start = [1, -2, 0.5], slope = [0.3, -0.01, 2];
        using var parameters = tensor(start, dtype: ScalarType.Float32);
        using var gradients = zeros(3);
        using var optimizer = new FusedAdamW(parameters, gradients, new AdamWOptimizer(), decay);
        double[] expected = [.. start], mean = new double[3], variance = new double[3];
        for (int step = 1; step <= 20; step++)
        {
            using var next = tensor(slope.Select(value => (float)(value * step)).ToArray());
            gradients.copy_(next);
            optimizer.Step(rate, gradientDivisor: 2);
            for (int i = 0; i < 3; i++)
            {
                // Algorithm 2 of Loshchilov and Hutter 2019, of the halved gradient.
                double g = slope[i] * step / 2;
                mean[i] = 0.9 * mean[i] + 0.1 * g;
                variance[i] = 0.999 * variance[i] + 0.001 * g * g;
                double unbiasedMean = mean[i] / (1 - Math.Pow(0.9, step)), unbiasedVariance = variance[i] / (1 - Math.Pow(0.999, step));
                expected[i] -= rate * (unbiasedMean / (Math.Sqrt(unbiasedVariance) + 1e-8) + decay * expected[i]);
            }
        }
        float[] actual = [.. parameters.data<float>()];
        for (int i = 0; i < 3; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-5, "single precision over 20 steps");
    }

    [TestMethod]
    public void Constructor_LengthsDiffer_Throws()
    {
        using var parameters = zeros(3);
        using var gradients = zeros(4);
        Assert.ThrowsExactly<ArgumentException>(() => new FusedAdamW(parameters, gradients, new AdamWOptimizer(), 0));
    }
}
