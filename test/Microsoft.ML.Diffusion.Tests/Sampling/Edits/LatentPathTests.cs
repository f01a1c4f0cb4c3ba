using Microsoft.ML.Diffusion.TestSupport;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class LatentPathTests
{
    [TestMethod]
    [DataRow(0.0)]
    [DataRow(1.0)]
    public void SlerpAndLine_AtTheEnds_AreTheLatents(double weight)
    {
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            using var like = zeros(3, 2, 5, dtype: type);
            using var a = new ScatteredNoise(1).Normal(0, like);
            using var b = new ScatteredNoise(2).Normal(0, like);
            using var weights = full(3, weight);
            using var slerp = LatentPath.Slerp(a, b, weights);
            using var line = LatentPath.Line(a, b, weights);
            Assert.AreEqual(type, slerp.dtype);
            Assert.AreEqual(weight == 0 ? a : b, slerp);
            Assert.AreEqual(weight == 0 ? a : b, line);
        }
    }

    [TestMethod]
    public void Slerp_RowsOfOneLength_StayOnTheSphereAndMoveEvenly()
    {
        using var a = tensor(new double[] { 1, 0, 0, 2 }, [2, 2]);
        using var b = tensor(new double[] { 0, 1, -2, 0 }, [2, 2]);
        using var weight = tensor(new[] { 1.0 / 3, 2.0 / 3 });
        using var between = LatentPath.Slerp(a, b, weight);
        double[] expected = [Math.Cos(Math.PI / 6), Math.Sin(Math.PI / 6), -2 * Math.Sin(Math.PI / 3), 2 * Math.Cos(Math.PI / 3)], actual = between.data<double>().ToArray();
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-15);
    }

    [TestMethod]
    public void Slerp_ParallelOrZero_IsTheStraightLine()
    {
        using var a = tensor(new double[] { 1, 2, 0, 0, 1, 0 }, [3, 2]);
        using var b = tensor(new double[] { 2, 4, 3, 1, -1, 0 }, [3, 2]);
        using var weight = tensor(new[] { 0.25, 0.5, 0.5 });
        using var slerp = LatentPath.Slerp(a, b, weight);
        Assert.AreSequenceEqual(new[] { 1.25, 2.5, 1.5, 0.5, 0, 0 }, slerp.data<double>().ToArray());
    }

    [TestMethod]
    public void SlerpAndLine_LeaveNoTensor()
    {
        using var a = ones(2, 3);
        using var b = zeros(2, 3);
        using var weight = full(2, 0.5);
        TensorLeak.AssertNone(() =>
        {
            LatentPath.Slerp(a, b, weight).Dispose();
            LatentPath.Line(a, b, weight).Dispose();
        });
    }
}
