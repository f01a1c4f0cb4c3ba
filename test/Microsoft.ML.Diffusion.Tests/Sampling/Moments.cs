using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Compares the mean and the covariance of samples with those of <see cref="ExactMixture"/>.</summary>
internal static class Moments
{
    public static void AssertMixture(Tensor sample, double tolerance)
    {
        double[] values = sample.data<double>().ToArray();
        int rows = values.Length / 2;
        double[] mean = [.. Enumerable.Range(0, 2).Select(i => Average(row => values[2 * row + i]))];
        for (int i = 0; i < 2; i++)
        {
            Assert.AreEqual(ExactMixture.Mean[i], mean[i], tolerance, $"mean {i}");
            for (int j = 0; j < 2; j++)
                Assert.AreEqual(ExactMixture.Covariance(i, j), Average(row => (values[2 * row + i] - mean[i]) * (values[2 * row + j] - mean[j])), tolerance, $"covariance {i}, {j}");
        }

        double Average(Func<int, double> value) => Enumerable.Range(0, rows).Average(value);
    }

    /// <summary>The largest difference of two numbers at the same place.</summary>
    public static double Distance(Tensor a, Tensor b)
        => a.data<double>().ToArray().Zip(b.data<double>().ToArray(), (first, second) => Math.Abs(first - second)).Max();

    /// <summary>Four standard errors of a moment of so many rows of variables of variance 1.</summary>
    public static double FourErrors(int rows) => 4 * Math.Sqrt(2.0 / rows);
}
