using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class FlatSgdTests
{
    [TestMethod]
    [DataRow(0.0, false)]
    [DataRow(0.9, false)]
    [DataRow(0.9, true)]
    public void Step_ManySteps_FollowsTheFormula(double momentum, bool nesterov)
    {
        const double rate = 0.01, decay = 0.1;
        double[] start = [1, -2, 0.5], slope = [0.3, -0.01, 2];
        using var parameters = tensor(start, dtype: ScalarType.Float32);
        using var gradients = zeros(3);
        using var optimizer = new SgdOptimizer(momentum, nesterov).Start(new OptimizerTask(parameters, gradients, decay, Rows: 100, Seed: 1));
        double[] expected = [.. start], velocity = new double[3];
        for (int step = 1; step <= 20; step++)
        {
            using var next = tensor(slope.Select(value => (float)(value * step)).ToArray());
            gradients.copy_(next);
            optimizer.Step(rate, gradientDivisor: 2);
            for (int i = 0; i < 3; i++)
            {
                double g = slope[i] * step / 2;
                velocity[i] = momentum * velocity[i] + g;
                expected[i] = expected[i] * (1 - rate * decay) - rate * (nesterov ? g + momentum * velocity[i] : velocity[i]);
            }
        }
        float[] actual = [.. parameters.data<float>()];
        for (int i = 0; i < 3; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-5, "single precision over 20 steps");
    }

    [TestMethod]
    public void Constructor_IllegalValues_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SgdOptimizer(1));
        Assert.ThrowsExactly<ArgumentException>(() => new SgdOptimizer(0, nesterov: true));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AdamWOptimizer(beta2: 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AdamWOptimizer(epsilon: 0));
    }
}
