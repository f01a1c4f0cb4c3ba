using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class FastConvolutionsTests
{
    [TestMethod]
    [DataRow(2, 24, 16, 5, 7, 3, 1)]
    [DataRow(5, 88, 32, 19, 6, 3, 1)]
    [DataRow(5, 48, 16, 11, 3, 3, 2)]
    [DataRow(6, 75, 10, 18, 17, 3, 1)]
    [DataRow(4, 32, 12, 16, 16, 3, 1)]
    public void Ensure_Afterwards_ConvolutionsOfTheProcessAreRight(int rows, int from, int to, int height, int width, int kernel, int stride)
    {
        TorchNative.EnsureLoaded();
        FastConvolutions.Ensure();
        using var scope = NewDisposeScope();
        Tensor Numbers(long[] shape, ulong seed)
        {
            var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
            RowNoise.FillNormal(values, seed, new RowKey(0), 0);
            return tensor(values, shape);
        }

        (double[] Result, double[] Input, double[] Weight) Run(ScalarType type)
        {
            var x = Numbers([rows, from, height, width], 1).to(type).requires_grad_(true);
            var weight = Numbers([to, from, kernel, kernel], 2).to(type).requires_grad_(true);
            var result = nn.functional.conv2d(x, weight, null, [stride, stride], [kernel / 2, kernel / 2]);
            result.backward([Numbers(result.shape, 3).to(type)]);
            return (Values(result.detach()), Values(x.grad!), Values(weight.grad!));
        }

        double[] Values(Tensor values) => values.to(ScalarType.Float64).contiguous().data<double>().ToArray();
        void Compare(double[] expected, double[] got)
        {
            double size = expected.Max(Math.Abs);
            for (int i = 0; i < expected.Length; i++)
                // Gradients of weights sum over all rows and places: some thousand products.
                Assert.AreEqual(expected[i], got[i], Float32Tolerance.OfSums(10_000, size));
        }

        var (exact, fast) = (Run(ScalarType.Float64), Run(ScalarType.Float32));
        Compare(exact.Result, fast.Result);
        Compare(exact.Input, fast.Input);
        Compare(exact.Weight, fast.Weight);
    }
}
