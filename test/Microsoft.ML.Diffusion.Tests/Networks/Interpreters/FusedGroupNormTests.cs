using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class FusedGroupNormTests
{
    // Against double precision: a mean of 30 is a sum of roundings of 2e-6, say six of them; a deviation of 0.29 divides that, and the modulation doubles
    // it. E[x²] − E[x]² in single precision would be wrong by 5e-4.
    private const double Tolerance = 1e-4;

    [TestInitialize]
    public void Seed() => manual_seed(1);

    [TestMethod]
    [DataRow(1, 32, 28, 28, 8)]
    [DataRow(5, 16, 7, 9, 4)]
    [DataRow(3, 24, 5, 5, 8)]   // one vector and a rest of 8 channels
    [DataRow(2, 5, 4, 3, 5)]    // fewer channels than a vector
    [DataRow(16, 96, 14, 14, 8)]
    public void Run_AnySizes_IsTheSameAsOneOperationAfterTheOther(int rows, int channels, int height, int width, int groups)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // A mean far from 0 against the deviation: what a careless one-pass variance gets wrong.
        var x = ChannelsLast(rand(rows, channels, height, width) + 30);
        Tensor weight = rand(channels), bias = rand(channels), modulation = rand(rows, 2 * channels);

        var plain = empty_like(x);
        FusedGroupNorm.Run(x, plain, groups, 1e-5, weight, bias, null, activate: false);
        var normal = F.group_norm(Exact(x), groups, Exact(weight), Exact(bias), 1e-5);
        Assert.IsLessThan(Tolerance, Difference(plain, normal));

        var modulated = empty_like(x);
        FusedGroupNorm.Run(x, modulated, groups, 1e-5, weight, bias, modulation, activate: true);
        var parts = Exact(modulation).view(rows, 2 * channels, 1, 1).chunk(2, 1);
        var expected = F.silu(normal * (1 + parts[0]) + parts[1]);
        Assert.IsLessThan(Tolerance, Difference(modulated, expected));

        FusedGroupNorm.Run(x, x, groups, 1e-5, weight, bias, modulation, activate: true);
        Assert.AreEqual(0.0, Difference(x, modulated), "in place");
    }

    [TestMethod]
    public void Run_LargeInputs_SiluIsExactAtBothEnds()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var x = ChannelsLast(rand(1, 16, 8, 8));
        const float Largest = 1e4f;
        var expected = F.silu(F.group_norm(Exact(x), 1, full(16, Largest, ScalarType.Float64), zeros(16, ScalarType.Float64), 1e-5));
        FusedGroupNorm.Run(x, x, 1, 1e-5, full(16, Largest), zeros(16), null, activate: true);
        Assert.IsLessThan(1e-6 * Largest, Difference(x, expected), "the rounding of numbers of this size");
    }

    [TestMethod]
    public void Handles_OtherLayoutsAndTypes_AreLeftToLibtorch()
    {
        using var scope = NewDisposeScope();
        Assert.IsFalse(FusedGroupNorm.Handles(rand(2, 8, 4, 4)));
        Assert.IsFalse(FusedGroupNorm.Handles(ChannelsLast(rand(2, 8, 4, 4, dtype: ScalarType.Float64))));
        Assert.IsFalse(FusedGroupNorm.Handles(ChannelsLast(rand(2, 8, 4, 4)).narrow(1, 0, 4)));
        Assert.IsTrue(FusedGroupNorm.Handles(ChannelsLast(rand(2, 8, 4, 4))));
    }

    private static Tensor Exact(Tensor x) => x.contiguous().to(ScalarType.Float64);

    private static Tensor ChannelsLast(Tensor x) => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    private static double Difference(Tensor a, Tensor b) => (a - b).abs().max().to(ScalarType.Float64).item<double>();
}
