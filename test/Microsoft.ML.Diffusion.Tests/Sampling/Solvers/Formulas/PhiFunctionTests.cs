namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class PhiFunctionTests
{
    [TestMethod]
    public void Of_KnownArguments_IsTheClosedForm()
    {
        double e = Math.E;
        // Some units of the last place; the recursion divides by z twice.
        Assert.AreEqual(e - 1, PhiFunction.Of(1, 1), 1e-15);
        Assert.AreEqual(e - 2, PhiFunction.Of(2, 1), 1e-15);
        Assert.AreEqual(e - 2.5, PhiFunction.Of(3, 1), 1e-15);
        Assert.AreEqual(1 - 1 / e, PhiFunction.Of(1, -1), 1e-15);
        Assert.AreEqual(1 / e, PhiFunction.Of(2, -1), 1e-15);
        Assert.AreEqual(0.5 - 1 / e, PhiFunction.Of(3, -1), 1e-15);
    }

    [TestMethod]
    public void Of_OnBothSidesOfTheSeries_Agrees()
    {
        for (int k = 1; k <= 4; k++)
            foreach (double z in new[] { 1.0, -1.0 })
                // The slope is below 1, so that the two arguments differ by less than the tolerance.
                Assert.AreEqual(PhiFunction.Of(k, z), PhiFunction.Of(k, z * (1 - 1e-14)), 1e-13, $"φ_{k}({z})");
    }

    [TestMethod]
    public void Of_TinyArgument_KeepsItsDigits()
    {
        foreach (double z in new[] { 0, 1e-300, 1e-9, -1e-9 })
        {
            // 1/k! + z/(k + 1)!
            Assert.AreEqual(1 + z / 2, PhiFunction.Of(1, z), 1e-16);
            Assert.AreEqual(0.5 + z / 6, PhiFunction.Of(2, z), 1e-16);
            Assert.AreEqual(1 / 6.0 + z / 24, PhiFunction.Of(3, z), 1e-16);
        }
    }
}
