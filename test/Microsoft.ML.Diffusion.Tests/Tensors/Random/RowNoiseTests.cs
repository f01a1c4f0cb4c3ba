using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public class RowNoiseTests
{
    [TestMethod]
    public void FillNormal_FixedSeed_NumbersNeverChange()
    {
        var values = new float[3];
        RowNoise.FillNormal(values, 1, new RowKey(2, 3), 4);
        // Checked against an independent implementation, and frozen: a saved seed must give the same sample in every version, on every processor. No tolerance.
        Assert.AreSequenceEqual(new[] { 0.21026506f, -0.50605464f, -1.5674057f }, values);
    }

    [TestMethod]
    public void FillNormal_ShorterSpan_IsThePrefix()
    {
        var all = new float[200];
        RowNoise.FillNormal(all, 9, new RowKey(5), 2);
        for (int length = 0; length < all.Length; length += 7)
        {
            var values = new float[length];
            RowNoise.FillNormal(values, 9, new RowKey(5), 2);
            Assert.AreSequenceEqual(all[..length], values);
        }
    }

    [TestMethod]
    public void Normal_RowInAnotherBatch_SameNumbers()
    {
        using var one = new RowNoise(7, [new RowKey(11, 1)]).Normal(3, empty(1, 5, 3));
        using var many = new RowNoise(7, [new RowKey(1), new RowKey(2), new RowKey(11, 1), new RowKey(11)]).Normal(3, empty(4, 5, 3));
        using var row = many[2];
        using var other = many[3];
        Assert.AreSequenceEqual(one.data<float>().ToArray(), row.data<float>().ToArray());
        Assert.AreNotSequenceEqual(one.data<float>().ToArray(), other.data<float>().ToArray());
    }

    [TestMethod]
    public void Normal_Float64_SameNumbersWidened()
    {
        var noise = new RowNoise(7, [new RowKey(1), new RowKey(2)]);
        using var single = noise.Normal(0, empty(2, 9));
        using var wide = noise.Normal(0, empty(2, 9, dtype: ScalarType.Float64));
        Assert.AreEqual(ScalarType.Float64, wide.dtype);
        Assert.AreSequenceEqual(single.data<float>().ToArray().Select(value => (double)value).ToArray(), wide.data<double>().ToArray());
    }

    [TestMethod]
    public void Normal_OtherNumberOfRows_Refused()
    {
        var exception = Assert.ThrowsExactly<ArgumentException>(() => new RowNoise(7, [new RowKey(1)]).Normal(0, empty(2, 9)));
        Assert.Contains("1 row, but the tensor is [2, 9]", exception.Message);
    }

    [TestMethod]
    public void FillNormal_MillionNumbers_MomentsAndDistributionOfTheNormal()
    {
        const int N = 1_000_000;
        var values = new float[N];
        RowNoise.FillNormal(values, 20, new RowKey(0), 0);
        double[] moments = [.. Enumerable.Range(1, 4).Select(power => values.Average(value => Math.Pow(value, power)))];
        // Five standard errors: the k-th moment's variance is (E x^2k − (E x^k)²)/N = 1, 2, 15, 96 over N.
        Assert.AreEqual(0, moments[0], 5 * Math.Sqrt(1.0 / N));
        Assert.AreEqual(1, moments[1], 5 * Math.Sqrt(2.0 / N));
        Assert.AreEqual(0, moments[2], 5 * Math.Sqrt(15.0 / N));
        Assert.AreEqual(3, moments[3], 5 * Math.Sqrt(96.0 / N));
        // Kolmogorov–Smirnov: P(D > 1.95/√N) = 0.001; the seed is fixed, so the test does not flicker.
        Array.Sort(values);
        double distance = Enumerable.Range(0, N).Max(i => Math.Max(Math.Abs(Cdf(values[i]) - i / (double)N), Math.Abs(Cdf(values[i]) - (i + 1) / (double)N)));
        Assert.IsLessThan(1.95 / Math.Sqrt(N), distance);
    }

    [TestMethod]
    public void FillUniform_ManyNumbers_UniformInBothPrecisions()
    {
        const int N = 200_000;
        var single = new float[N];
        var wide = new double[N];
        RowNoise.FillUniform(single, 3, new RowKey(1), 0);
        RowNoise.FillUniform(wide, 3, new RowKey(1), 1);
        foreach (var values in new[] { single.Select(value => (double)value).ToArray(), wide })
        {
            Assert.IsTrue(values.All(value => value is >= 0 and < 1));
            Array.Sort(values);
            double distance = Enumerable.Range(0, N).Max(i => Math.Max(Math.Abs(values[i] - i / (double)N), Math.Abs(values[i] - (i + 1) / (double)N)));
            // P(D > 1.95/√N) = 0.001.
            Assert.IsLessThan(1.95 / Math.Sqrt(N), distance);
        }
    }

    [TestMethod]
    public void FillNormal_NeighbouringSeedsRowsDrawsAndPositions_Uncorrelated()
    {
        const int N = 100_000;
        float[] Draw(ulong seed, ulong low, ulong high, int draw)
        {
            var values = new float[N];
            RowNoise.FillNormal(values, seed, new RowKey(low, high), draw);
            return values;
        }

        var reference = Draw(1, 1, 0, 0);
        float[][] others = [Draw(2, 1, 0, 0), Draw(1, 2, 0, 0), Draw(1, 1, 1, 0), Draw(1, 1, 0, 1), Draw(1, 1, 0, -1), Draw(1 + (1ul << 32), 1, 0, 0), [.. reference[1..], 0], [.. reference[8..], .. new float[8]]];
        foreach (var other in others)
        {
            double correlation = reference.Zip(other, (a, b) => (double)a * b).Average();
            double squares = reference.Zip(other, (a, b) => (a * a - 1.0) * (b * b - 1.0)).Average();
            // Five standard errors: 1/√N of products, 2/√N of products of squares (each has variance 2).
            Assert.AreEqual(0, correlation, 5 / Math.Sqrt(N));
            Assert.AreEqual(0, squares, 10 / Math.Sqrt(N));
        }
    }

    [TestMethod]
    public void Permutation_AllOrdersOfFour_EquallyLikely()
    {
        const int Trials = 24_000;
        var counts = new Dictionary<string, int>();
        for (int epoch = 0; epoch < Trials; epoch++)
        {
            string order = string.Concat(RowNoise.Permutation(5, epoch, 4));
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.HasCount(24, counts);
        // χ² with 23 degrees of freedom exceeds 49.7 with probability 0.001.
        Assert.IsLessThan(49.7, counts.Values.Sum(count => Math.Pow(count - Trials / 24.0, 2) / (Trials / 24.0)));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(1000)]
    public void Permutation_AnyCount_HoldsEachNumberOnce(int count)
    {
        var order = RowNoise.Permutation(5, 0, count);
        Assert.AreSequenceEqual(Enumerable.Range(0, count).ToArray(), order.Order().ToArray());
        Assert.AreSequenceEqual(order, RowNoise.Permutation(5, 0, count));
    }

    // The normal distribution function: Simpson sums of the density, exact to 1e-12.
    private static double Cdf(double x)
    {
        int index = (int)Math.Floor((Math.Clamp(x, -7.9, 7.9) + 8) * 1000);
        double left = index / 1000.0 - 8, width = Math.Clamp(x, -7.9, 7.9) - left;
        return Table[index] + width / 6 * (Density(left) + 4 * Density(left + width / 2) + Density(left + width));
    }

    private static readonly double[] Table = BuildTable();

    private static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    private static double[] BuildTable()
    {
        var table = new double[16_001];
        for (int i = 1; i < table.Length; i++)
        {
            double left = (i - 1) / 1000.0 - 8;
            table[i] = table[i - 1] + (Density(left) + 4 * Density(left + 0.0005) + Density(left + 0.001)) / 6000;
        }
        return table;
    }
}
