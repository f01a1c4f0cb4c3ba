using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SinusoidalEmbeddingTests
{
    [TestMethod]
    public void Of_Zero_IsOnesAndZeros()
    {
        using var zero = tensor(new[] { 0.0 });
        using var features = new SinusoidalEmbedding(5).Of(zero);
        Assert.AreSequenceEqual(new float[] { 1, 1, 0, 0, 0 }, features.data<float>().ToArray());
        using var reversed = new SinusoidalEmbedding(4, sinesFirst: true).Of(zero);
        Assert.AreSequenceEqual(new float[] { 0, 0, 1, 1 }, reversed.data<float>().ToArray());
    }

    [TestMethod]
    public void Frequencies_Shift_SaysWhereTheyEnd()
    {
        Assert.AreEqual(0.01, new SinusoidalEmbedding(4, span: 10000).Frequencies[^1], 1e-8);
        Assert.AreEqual(0.0001, new SinusoidalEmbedding(4, span: 10000, shift: 1).Frequencies[^1], 1e-10);
        Assert.AreSequenceEqual(new float[] { 1 }, [.. new SinusoidalEmbedding(2, shift: 1).Frequencies]);
    }

    [TestMethod]
    public void Of_AnyWidth_LeaksNoTensors()
    {
        using var times = tensor(new[] { 3.0, 17 });
        TensorLeak.AssertNone(() =>
        {
            using var features = new SinusoidalEmbedding(7).Of(times);
            Assert.AreSequenceEqual(new long[] { 2, 7 }, features.shape);
        });
    }

    [TestMethod]
    public void Constructor_IllegalValue_SaysWhatWasGot()
    {
        Assert.Contains("at least 2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SinusoidalEmbedding(1)).Message);
        Assert.Contains("above 1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SinusoidalEmbedding(4, 1)).Message);
        Assert.Contains("[0, 1]", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SinusoidalEmbedding(4, shift: 2)).Message);
        using var matrix = zeros(2, 2);
        Assert.Contains("[2, 2]", Assert.ThrowsExactly<ArgumentException>(() => new SinusoidalEmbedding(4).Of(matrix)).Message);
    }
}
