using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class OffsetNoiseTests
{
    [TestMethod]
    public void Normal_Covariance_IsTheIdentityAndStrengthSquaredWithinAChannel()
    {
        const int Rows = 20_000;
        const double Strength = 0.5;
        using var like = zeros(Rows, 2, 1, 2);
        using var drawn = new OffsetNoise(Noise(Rows), Strength).Normal(0, like);
        float[] values = [.. drawn.data<float>()];
        for (int i = 0; i < 4; i++)
            for (int j = 0; j <= i; j++)
            {
                double expected = (i == j ? 1 : 0) + (i / 2 == j / 2 ? Strength * Strength : 0);
                double found = Enumerable.Range(0, Rows).Average(row => (double)values[4 * row + i] * values[4 * row + j]);
                // Five standard errors of products of variance 2·1.25² at most.
                Assert.AreEqual(expected, found, 5 * Math.Sqrt(2 * 1.25 * 1.25 / Rows), $"{i}, {j}");
            }
    }

    [TestMethod]
    public void Normal_RowsAndDraws_AreTheInnerSources()
    {
        using var like = zeros(3, 1, 2, 2);
        using var plain = Noise(3).Normal(7, like);
        using var none = new OffsetNoise(Noise(3), 0).Normal(7, like);
        Assert.AreSequenceEqual(plain.data<float>().ToArray(), none.data<float>().ToArray());
        using var whole = new OffsetNoise(Noise(3), 0.1).Normal(7, like);
        using var other = new OffsetNoise(Noise(3), 0.1).Normal(8, like);
        using var first = like.narrow(0, 0, 1);
        using var alone = new OffsetNoise(Noise(1), 0.1).Normal(7, first);
        float[] all = [.. whole.data<float>()];
        Assert.AreSequenceEqual(all[..4], alone.data<float>().ToArray());
        // Within a channel the offset is one number, and another one in the next row and draw.
        float[] offsets = [.. all.Zip(plain.data<float>().ToArray(), (a, b) => a - b)];
        Assert.AreEqual(offsets[0], offsets[3], 1e-6f);
        Assert.IsGreaterThan(1e-4f, Math.Abs(offsets[0] - offsets[4]));
        using var plainOther = Noise(3).Normal(8, like);
        Assert.IsGreaterThan(1e-4f, Math.Abs(other.data<float>()[0] - plainOther.data<float>()[0] - offsets[0]));
    }

    [TestMethod]
    public void Normal_LeavesOneTensor()
    {
        using var like = zeros(3, 1, 2, 2);
        TensorLeak.AssertNone(() => new OffsetNoise(Noise(3), 0.1).Normal(0, like).Dispose());
    }

    [TestMethod]
    public void OffsetNoise_WrongUse_IsRefused()
    {
        using var flat = zeros(3);
        Assert.Contains("[3]", Assert.ThrowsExactly<ArgumentException>(() => new OffsetNoise(Noise(3), 0.1).Normal(0, flat)).Message);
        Assert.Contains("-1", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new OffsetNoise(Noise(3), -1)).Message);
        Assert.ThrowsExactly<ArgumentNullException>(() => new OffsetNoise(null!, 0.1));
    }

    private static RowNoise Noise(int rows) => new(5, [.. Enumerable.Range(0, rows).Select(row => new RowKey((ulong)row))]);
}
