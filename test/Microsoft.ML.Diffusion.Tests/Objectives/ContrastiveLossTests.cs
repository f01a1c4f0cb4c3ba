using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ContrastiveLossTests
{
    private const double LogScale = 1.3;

    [TestMethod]
    public void OfRows_OrthogonalPairs_IsTheClosedForm()
    {
        using var units = eye(4);
        // Each way: e^s among e^s and three times e^0.
        double expected = Math.Log(1 + 3 * Math.Exp(-Math.Exp(LogScale)));
        foreach (float loss in Losses(units, units))
            Assert.AreEqual(expected, loss, Float32Tolerance.OfSums(16, magnitude: 4));
    }

    [TestMethod]
    public void OfRows_AllAlike_IsTheLogarithmOfTheBatch()
    {
        using var same = ones(5, 4).div(full(1, 2f));
        foreach (float loss in Losses(same, same))
            Assert.AreEqual(Math.Log(5), loss, Float32Tolerance.OfSums(16, magnitude: 4));
    }

    [TestMethod]
    public void OfRows_SharedConditions_IsTheDoubleSumOfTheDefinition()
    {
        float[][] data = Units(1), conditions = Units(2);
        int[] groups = [0, 1, 0, 2, 1, 0];
        using var a = ToTensor(data);
        using var b = ToTensor(conditions);
        float[] got = Losses(a, b, groups);
        double scale = Math.Exp(LogScale);
        double LogProbability(float[][] from, float[][] to, int i, int j)
            => scale * Dot(from[i], to[j]) - Math.Log(Enumerable.Range(0, 6).Sum(k => Math.Exp(scale * Dot(from[i], to[k]))));
        for (int i = 0; i < 6; i++)
        {
            int[] alike = [.. Enumerable.Range(0, 6).Where(j => groups[j] == groups[i])];
            double expected = -alike.Average(j => LogProbability(data, conditions, i, j) + LogProbability(conditions, data, i, j)) / 2;
            Assert.AreEqual(expected, got[i], Float32Tolerance.OfSums(16, magnitude: 4));
        }
        Assert.AreSequenceEqual(Losses(a, b), Losses(a, b, [0, 1, 2, 3, 4, 5]), "without groups all differ");
        Assert.AreNotSequenceEqual(Losses(a, b), got);
    }

    [TestMethod]
    public void OfRows_SidesSwapped_IsTheSame()
    {
        using var a = ToTensor(Units(1));
        using var b = ToTensor(Units(2));
        float[] there = Losses(a, b), back = Losses(b, a);
        for (int i = 0; i < there.Length; i++)
            Assert.AreEqual(there[i], back[i], Float32Tolerance.OfSums(16, magnitude: 4), "the same sums in another order");
    }

    [TestMethod]
    public void OfRows_LargeScale_IsLimited()
    {
        using var a = ToTensor(Units(1));
        using var b = ToTensor(Units(2));
        Assert.AreSequenceEqual(Losses(a, b, logScale: Math.Log(ContrastiveLoss.LargestScale)), Losses(a, b, logScale: 20));
        Assert.AreEqual(1 / 0.07, Math.Exp(ContrastiveLoss.FirstLogScale), 1e-12);
    }

    [TestMethod]
    public void OfRows_Gradient_ReachesBothSidesAndTheScaleAndLeavesNothing()
    {
        using var a = ToTensor(Units(1)).requires_grad_();
        using var b = ToTensor(Units(2)).requires_grad_();
        using var logScale = tensor(new[] { 0.5f }).requires_grad_();
        long before = TensorLeak.Count();
        using (var losses = ContrastiveLoss.OfRows(a, b, logScale))
        using (var mean = losses.mean())
            mean.backward();
        Assert.AreEqual(before, TensorLeak.Count());
        foreach (var side in new[] { a, b, logScale })
        {
            using var gradient = side.grad!;
            Assert.IsGreaterThan(0, gradient.data<float>().ToArray().Max(Math.Abs));
        }
    }

    [TestMethod]
    public void OfRows_WhatCanNotContrast_IsRefused()
    {
        using var one = ones(1, 4);
        using var two = ones(2, 4);
        using var scale = zeros(1);
        Assert.Contains("at least two rows", Assert.ThrowsExactly<ArgumentException>(() => ContrastiveLoss.OfRows(one, one, scale)).Message);
        Assert.Contains("[2, 4] and [1, 4]", Assert.ThrowsExactly<ArgumentException>(() => ContrastiveLoss.OfRows(two, one, scale)).Message);
        Assert.Contains("3 groups", Assert.ThrowsExactly<ArgumentException>(() => ContrastiveLoss.OfRows(two, two, scale, [0, 1, 2])).Message);
    }

    private static float[] Losses(Tensor data, Tensor conditions, int[]? groups = null, double logScale = LogScale)
    {
        using var scale = tensor(new[] { (float)logScale });
        using var losses = ContrastiveLoss.OfRows(data, conditions, scale, groups);
        return losses.data<float>().ToArray();
    }

    private static float[][] Units(ulong seed) => [.. Enumerable.Range(0, 6).Select(row =>
    {
        var values = new float[4];
        RowNoise.FillNormal(values, seed, new RowKey((ulong)row), 0);
        float length = MathF.Sqrt(values.Sum(value => value * value));
        return values.Select(value => value / length).ToArray();
    })];

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private static Tensor ToTensor(float[][] rows) => tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);
}
