namespace Microsoft.ML.Diffusion.Trainers.Tests;

[TestClass]
public class PowerFunctionAverageTests
{
    [TestMethod]
    [DataRow(0.05, 16.97)]
    [DataRow(0.10, 6.94)]
    public void Exponent_LengthsOfThePaper_GivesItsExponents(double length, double exponent)
        => Assert.AreEqual(exponent, PowerFunctionAverage.ExponentOf(length), 0.005, "section 3.1 gives two decimals");

    [TestMethod]
    public void Exponent_LargestLength_IsThePlainAverage()
        => Assert.AreEqual(0, PowerFunctionAverage.ExponentOf(PowerFunctionAverage.LargestLength), 1e-9);

    [TestMethod]
    public void WeightAt_WholeRun_HasTheProfileAskedFor()
    {
        const int steps = 2000;
        var average = new PowerFunctionAverage(0.1);
        double[] profile = new double[steps];
        for (int t = 1; t <= steps; t++)
        {
            double weight = average.WeightAt(t);
            for (int i = 0; i < t - 1; i++)
                profile[i] *= 1 - weight;
            profile[t - 1] = weight;
        }
        double mean = profile.Select((weight, i) => weight * i).Sum();
        double deviation = Math.Sqrt(profile.Select((weight, i) => weight * (i - mean) * (i - mean)).Sum());
        Assert.AreEqual(1, profile.Sum(), 1e-9);
        Assert.AreEqual(0.1, deviation / steps, 0.001, "steps are 1/2000 of the run");
    }
}
