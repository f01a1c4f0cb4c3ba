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
