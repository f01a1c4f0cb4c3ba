using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class FlatSgldTests
{
    [TestMethod]
    public void Step_QuadraticLoss_SamplesThePosteriorOfTheWeights()
    {
        // A loss of s/2·(θ − m)² a row, N rows, decay λ, temperature T: θ is normal with the precision N·(s + λ)/T and the mean s·m/(s + λ). Each parameter is a chain of its own.
        const int chains = 20_000, rows = 50;
        const double slope = 2, middle = 3, decay = 0.5, temperature = 1.5, rate = 0.02;
        using var parameters = zeros(chains);
        using var gradients = zeros(chains);
        using var optimizer = new SgldOptimizer(temperature).Start(new OptimizerTask(parameters, gradients, decay, rows, Seed: 3));
        using TorchSharp.Scalar factor = slope, shift = -slope * middle;
        // 400 steps of the factor 0.95 forget the start.
        for (int step = 0; step < 400; step++)
        {
            using var pull = parameters.mul(factor);
            gradients.copy_(pull.add_(shift));
            // Twice the gradient, halved: as if clipped.
            using TorchSharp.Scalar two = 2;
            gradients.mul_(two);
            optimizer.Step(rate, gradientDivisor: 2);
        }
        double[] values = [.. parameters.data<float>().Select(value => (double)value)];
        double mean = values.Average(), variance = values.Average(value => (value - mean) * (value - mean));
        // The chain θ ← θ·(1 − a) + ... with a = η·(s + λ) − η²·s·λ has the variance 2ηT/N / (1 − (1 − a)²).
        double stays = (1 - rate * decay) - rate * slope;
        double expected = 2 * rate * temperature / rows / (1 - stays * stays), centre = rate * slope * middle / (1 - stays);
        // Four standard errors of 20,000 independent chains.
        Assert.AreEqual(centre, mean, 4 * Math.Sqrt(expected / chains));
        Assert.AreEqual(expected, variance, 4 * expected * Math.Sqrt(2.0 / chains));
        // The chain's own variance is the posterior's up to the step size.
        Assert.AreEqual(temperature / (rows * (slope + decay)), expected, 0.05 * expected);
    }

    [TestMethod]
    public void Step_ResumedState_DrawsTheSameNoise()
    {
        float[] Run(int resumeAt)
        {
            using var parameters = zeros(40_000);
            using var gradients = zeros(40_000);
            var optimizer = new SgldOptimizer().Start(new OptimizerTask(parameters, gradients, 0, Rows: 10, Seed: 1));
            for (int step = 0; step < 4; step++)
            {
                if (step == resumeAt)
                {
                    var resumed = new SgldOptimizer().Start(new OptimizerTask(parameters, gradients, 0, Rows: 10, Seed: 1));
                    foreach (var (from, to) in optimizer.State.Zip(resumed.State))
                        to.Values.copy_(from.Values);
                    optimizer.Dispose();
                    optimizer = resumed;
                }
                optimizer.Step(0.1, 1);
            }
            optimizer.Dispose();
            return [.. parameters.data<float>()];
        }
        Assert.AreSequenceEqual(Run(-1), Run(2));
    }

    [TestMethod]
    public void Step_NoTemperature_IsGradientDescent()
    {
        using var parameters = ones(3);
        using var gradients = ones(3);
        using var optimizer = new SgldOptimizer(0).Start(new OptimizerTask(parameters, gradients, 0, Rows: 10, Seed: 1));
        optimizer.Step(0.25, 1);
        Assert.AreSequenceEqual([0.75f, 0.75f, 0.75f], [.. parameters.data<float>()]);
    }

    [TestMethod]
    public void Constructor_IllegalValues_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SgldOptimizer(-1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SgldOptimizer(double.NaN));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ThinnedAverage(-1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ThinnedAverage(0, 0));
    }

    [TestMethod]
    [DataRow(0, 1)]
    [DataRow(7, 1)]
    [DataRow(7, 5)]
    public void ThinnedAverage_AnyBurnIn_IsThePlainAverageOfTheWeightsThatCount(int burnIn, int every)
    {
        var average = new ThinnedAverage(burnIn, every);
        double kept = 0;
        for (int step = 1; step <= 40; step++)
        {
            kept += average.WeightAt(step) * (step * step - kept);
            double[] counted = [.. Enumerable.Range(burnIn + 1, Math.Max(0, step - burnIn)).Where(t => (t - burnIn - 1) % every == 0).Select(t => (double)t * t)];
            Assert.AreEqual(counted.Length == 0 ? step * step : counted.Average(), kept, 1e-9 * step * step, "forty roundings of doubles");
        }
    }
}
