namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class WorkPartsTests
{
    [TestMethod]
    // The small U-Net on 28×28 pictures.
    [DataRow(64, 2, 40_000_000L, 700_000L, 2)]
    [DataRow(64, 8, 40_000_000L, 700_000L, 8)]
    [DataRow(64, 1, 40_000_000L, 700_000L, 1)]
    // Too little to do, in all or for each parameter.
    [DataRow(64, 2, 40_000L, 700L, 1)]
    [DataRow(16, 2, 920_000L, 920_000L, 1)]
    [DataRow(64, 2, 920_000L, 920_000L, 2)]
    // Enough for some of the threads.
    [DataRow(256, 16, 920_000L, 920_000L, 10)]
    [DataRow(256, 16, 100_000L, 100_000L, 5)]
    // Some threads would have twice as many rows as others, or none.
    [DataRow(9, 8, 400_000_000L, 700_000L, 1)]
    [DataRow(3, 8, 400_000_000L, 700_000L, 1)]
    [DataRow(8, 8, 400_000_000L, 700_000L, 8)]
    public void Paying_SizesAlone_DecideWhetherThreadsHaveEnoughToDo(int rows, int threads, long productsOfRow, long parameters, int expected)
        => Assert.AreEqual(expected, WorkParts.Paying(rows, threads, (double)productsOfRow * rows, parameters));

    [TestMethod]
    [DataRow(0, false)]
    [DataRow(1, true)]
    [DataRow(1e9, false)]
    public void IsSmall_UnknownIsNot(double products, bool expected) => Assert.AreEqual(expected, WorkParts.IsSmall(products));

    [TestMethod]
    [DataRow(16, 2)]
    [DataRow(9, 4)]
    [DataRow(2, 3)]
    public void RowsOf_AllParts_FollowEachOtherAndDifferByOneRowAtMost(int rows, int parts)
    {
        var ranges = Enumerable.Range(0, parts).Select(part => WorkParts.RowsOf(part, parts, rows)).ToArray();
        Assert.AreSequenceEqual(ranges.Select(range => range.End).Prepend(0), ranges.Select(range => range.First).Append(rows));
        Assert.IsLessThanOrEqualTo(1, ranges.Max(range => range.End - range.First) - ranges.Min(range => range.End - range.First));
    }
}
