using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>A row's answer does not depend on its batch: the promise behind reproducible samples, for batches of one size that is a multiple of 16.</summary>
[TestClass]
public class BitIdentityTests
{
    private static readonly NoiseLevels Level = new(new NoiseLevel(1, 0.7));

    public static IEnumerable<object[]> Cases =>
        from rows in new[] { 16, 32 }
        from item in new (Network Network, DataShape Shape)[]
        {
            (UNet.Small, new DataShape(1, 28, 28)),
            (new UNet { Multipliers = [1, 2], AttentionFactors = [1], Channels = 16, HeadChannels = 16 }, new DataShape(3, 7, 9)),
            (ResidualMlp.Default, new DataShape(12)),
        }
        select new object[] { item.Network, item.Shape, rows };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Answer_RowsRotated_SameBits(Network network, DataShape shape, int rows)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var denoiser = TestNetworks.Denoiser(network, shape);
        var x = TestNetworks.Rows(shape, rows);
        var conditions = TestNetworks.Conditions(rows);
        var expected = TestNetworks.Values(denoiser.Answer(x, Level, conditions));
        foreach (int shift in new[] { 1, 3, rows / 2 })
        {
            var answer = denoiser.Answer(x.roll(shift, 0), Level, new Conditioning(conditions.Layout, conditions.Packed.roll(shift, 0)));
            Assert.AreSequenceEqual(expected, TestNetworks.Values(answer.roll(-shift, 0)));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Answer_OtherRowsReplaced_SameBits(Network network, DataShape shape, int rows)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var denoiser = TestNetworks.Denoiser(network, shape);
        var before = denoiser.Answer(TestNetworks.Rows(shape, rows), Level, TestNetworks.Conditions(rows));
        var after = denoiser.Answer(TestNetworks.Rows(shape, rows, first: rows - 3), Level, TestNetworks.Conditions(rows, first: rows - 3));
        Assert.AreSequenceEqual(TestNetworks.Values(before.narrow(0, rows - 3, 3)), TestNetworks.Values(after.narrow(0, 0, 3)));
    }

    // Whole tiles of matrices give a row its bits in a batch of any size, where no other layer depends on that: measured on AVX2 for MLPs and transformers, and for U-Nets from two rows; other processors may have other tiles, and then sampling asks for full
    // batches (RowAgreement). So answers are compared as rounding allows, and the rows that fill up a tile must leave no trace.
    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Answer_FewRows_AreThoseOfTheBatch(Network network, DataShape shape, int rows)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var denoiser = TestNetworks.Denoiser(network, shape);
        float[] expected = TestNetworks.Values(denoiser.Answer(TestNetworks.Rows(shape, rows), Level, TestNetworks.Conditions(rows)));
        foreach (int count in new[] { 1, 2, 3, 5 })
        {
            var answer = denoiser.Answer(TestNetworks.Rows(shape, count), Level, TestNetworks.Conditions(count));
            Assert.AreEqual(count, answer.size(0));
            float[] actual = TestNetworks.Values(answer);
            // Sums of at most 1e4 terms in Float32, in another order.
            for (int i = 0; i < actual.Length; i++)
                Assert.AreEqual(expected[i], actual[i], 1e-4f * MathF.Max(1, MathF.Abs(expected[i])));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Answer_OneThreadOrMore_SameBits(Network network, DataShape shape, int rows)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var denoiser = TestNetworks.Denoiser(network, shape);
        var x = TestNetworks.Rows(shape, rows);
        int threads = get_num_threads();
        var answers = new List<float[]>();
        try
        {
            foreach (int count in new[] { 1, 2 })
            {
                set_num_threads(count);
                answers.Add(TestNetworks.Values(denoiser.Answer(x, Level, TestNetworks.Conditions(rows))));
            }
        }
        finally
        {
            set_num_threads(threads);
        }
        Assert.AreSequenceEqual(answers[0], answers[1]);
    }
}
