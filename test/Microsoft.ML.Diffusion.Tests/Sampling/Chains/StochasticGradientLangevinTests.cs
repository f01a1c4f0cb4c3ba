using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class StochasticGradientLangevinTests
{
    [TestMethod]
    public void Update_GaussianPosterior_HasTheMomentsOfTheory()
    {
        // Prior N(0, 1), 9 examples of variance 1 and mean 2: posterior N(1.8, 0.1). Each place of θ is a chain of its own.
        const int Chains = 20_000, Examples = 9;
        const double Mean = 1.8, Variance = 0.1, StepSize = 0.05;
        var rule = new StochasticGradientLangevin(new PolynomialStepSize(StepSize, decay: 0), Examples);
        var noise = new ScatteredNoise(1);
        using var theta = zeros(Chains, dtype: float64);
        using var two = full_like(theta, 2);
        using var three = full_like(theta, 3);
        TensorLeak.AssertNone(() =>
        {
            for (int t = 0; t < 60; t++)
            {
                using var prior = theta.neg();
                // A batch of 3 examples that are all the mean: N/n makes 9 of them.
                using var likelihood = two.sub(theta).mul_(three);
                using var z = noise.Normal(noise.Draws.Count, theta);
                rule.Update(theta, prior, likelihood, 3, t, z);
            }
        });
        double[] values = theta.data<double>().ToArray();
        // ULA's law, as the gradient is exact: v/(1 − ε/4v).
        double expected = Variance / (1 - StepSize / (4 * Variance));
        Assert.AreEqual(Mean, values.Average(), 4 * Math.Sqrt(expected / Chains));
        double mean = values.Average();
        Assert.AreEqual(expected, values.Average(value => (value - mean) * (value - mean)), 4 * expected * Math.Sqrt(2.0 / Chains));
    }

    [TestMethod]
    public void At_PolynomialDecay_IsTheFormula()
    {
        var stepSize = new PolynomialStepSize(0.5, 3, 1);
        Assert.AreEqual(0.5 / 3, stepSize.At(0));
        Assert.AreEqual(0.05, stepSize.At(7), 1e-16);
        Assert.AreEqual(0.5, new PolynomialStepSize(0.5, 3, 0).At(1000));
    }

    [TestMethod]
    public void Constructor_BadInput_SaysWhatWasGot()
    {
        Assert.Contains("-1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PolynomialStepSize(-1)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PolynomialStepSize(1, 0));
        Assert.Contains("[0, 1]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PolynomialStepSize(1, 1, 1.5)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PolynomialStepSize(1).At(-1));
        var rule = new StochasticGradientLangevin(new PolynomialStepSize(1), 5);
        using var theta = zeros(2, dtype: float64);
        foreach (int batch in new[] { 0, 6 })
            Assert.Contains("1 to 5", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => rule.Update(theta, theta, theta, batch, 0, theta)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new StochasticGradientLangevin(new PolynomialStepSize(1), 0));
    }
}
