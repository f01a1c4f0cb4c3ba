namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public sealed class ExponentialAverageTests
{
    [TestMethod]
    public void WeightAt_Beginning_ReplacesAllAndThenRises()
    {
        var average = new ExponentialAverage(0.99, least: 0.2, begin: 3);
        Assert.AreEqual(1, average.WeightAt(4));
        Assert.AreEqual(0.8, average.WeightAt(5), 1e-12, "2/11 is below the least decay");
        Assert.AreEqual(1 - 97.0 / 106, average.WeightAt(100), 1e-12);
        Assert.AreEqual(0.01, average.WeightAt(100_000), 1e-12);
        Assert.AreEqual(Math.Pow(5, -0.75), new ExponentialAverage(power: 0.75, inverseGamma: 2).WeightAt(9), 1e-12);
    }

    [TestMethod]
    public void Constructor_IllegalValues_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ExponentialAverage(1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ExponentialAverage(power: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ExponentialAverage(inverseGamma: double.PositiveInfinity));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ExponentialAverage(0.5, least: 0.6));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ExponentialAverage(begin: -1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PowerFunctionAverage(0.3));
    }
}
