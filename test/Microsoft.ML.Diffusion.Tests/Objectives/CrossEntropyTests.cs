using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class CrossEntropyTests
{
    [TestMethod]
    public void OfRows_LogitsOfKnownProbabilities_IsTheirLogarithm()
    {
        // Softmax of ln 1, ln 3, ln 4 is 1/8, 3/8, 4/8, whatever is added to all.
        using var logits = tensor(new[] { 5, 5 + Math.Log(3), 5 + Math.Log(4), 0, Math.Log(3), Math.Log(4) }, [2, 3], dtype: float64);
        using var losses = CrossEntropy.OfRows(logits, [1, 2]);
        double[] got = [.. losses.data<double>()];
        // Float64.
        Assert.AreEqual(Math.Log(8.0 / 3), got[0], 1e-12);
        Assert.AreEqual(Math.Log(2), got[1], 1e-12);
    }

    [TestMethod]
    public void OfRows_Gradient_IsTheProbabilitiesWithoutTheLabel()
    {
        using var logits = tensor(new[] { 0, Math.Log(3), Math.Log(4) }, [1, 3], dtype: float64).requires_grad_();
        using var losses = CrossEntropy.OfRows(logits, [1]);
        using var sum = losses.sum();
        sum.backward();
        using var gradient = logits.grad!;
        double[] expected = [1.0 / 8, 3.0 / 8 - 1, 4.0 / 8], got = [.. gradient.data<double>()];
        for (int i = 0; i < 3; i++)
            Assert.AreEqual(expected[i], got[i], 1e-12);
    }

    [TestMethod]
    public void OfRows_BadClasses_AreRefused()
    {
        using var logits = zeros(2, 3);
        Assert.Contains("Row 1 has class 3; expected 0 to 2", Assert.ThrowsExactly<ArgumentException>(() => CrossEntropy.OfRows(logits, [0, 3])).Message);
        Assert.ThrowsExactly<ArgumentException>(() => CrossEntropy.OfRows(logits, [0, -1]));
        Assert.ThrowsExactly<ArgumentException>(() => CrossEntropy.OfRows(logits, [0]));
    }
}
