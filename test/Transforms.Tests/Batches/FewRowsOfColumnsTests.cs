namespace Microsoft.ML.Diffusion.Tests;

/// <summary>
/// Columns other than samples: few rows cost few rows, where the network answers to them with the bits that it has in a full batch.
/// </summary>
[TestClass]
public sealed class FewRowsOfColumnsTests
{
    private readonly MLContext _ml = new(1);

    public static IEnumerable<object[]> Kinds =>
        [["Denoised"], ["LogLikelihood"], ["Classifier"], ["DataEmbedding"], ["ConditionEmbedding"], ["Decoder"]];

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Transform_FewRows_AsksForThemAlone(string kind)
    {
        using var column = Of(kind, dependsOnRows: false);
        foreach (var (rows, asked) in new[] { (1, 1), (3, 4), (8, 8), (9, 16) })
        {
            _ = column.Read(_ml, rows);
            column.TakeCounts();
            _ = column.Read(_ml, rows);
            long[] counts = column.TakeCounts();
            Assert.IsNotEmpty(counts);
            Assert.IsTrue(counts.All(count => count == asked), $"{rows} rows: {string.Join(", ", counts)}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Transform_AnyNumberOfRows_HasTheSameBits(string kind)
    {
        foreach (bool dependsOnRows in new[] { false, true })
        {
            using var column = Of(kind, dependsOnRows);
            var all = column.Read(_ml, column.Batch);
            Assert.IsTrue(all.SelectMany(row => row).All(float.IsFinite));
            foreach (int rows in new[] { 1, 1, 2, 5, 11 })
                EditLab.AssertSame(all[..rows], column.Read(_ml, rows));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Transform_NetworkWhoseAnswersDependOnTheNumberOfRows_FillsTheBatchUp(string kind)
    {
        using var column = Of(kind, dependsOnRows: true);
        _ = column.Read(_ml, 3);
        column.TakeCounts();
        _ = column.Read(_ml, 3);
        long[] counts = column.TakeCounts();
        Assert.IsNotEmpty(counts);
        Assert.IsTrue(counts.All(count => count == column.Batch), string.Join(", ", counts));
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Transform_FewRows_LeavesNoTensor(string kind)
    {
        // What other tests left to the finalizer must not be counted.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var column = Of(kind, dependsOnRows: false);
        _ = column.Read(_ml, 1);
        long used = TorchSharp.torch.Tensor.TotalCount;
        // Another number of rows is found out anew.
        _ = column.Read(_ml, 2);
        _ = column.Read(_ml, 2);
        Assert.AreEqual(used, TorchSharp.torch.Tensor.TotalCount);
    }

    private CountedColumn Of(string kind, bool dependsOnRows) => kind switch
    {
        "Denoised" => CountedColumn.Denoised(_ml, dependsOnRows),
        "LogLikelihood" => CountedColumn.LogLikelihood(_ml, dependsOnRows),
        "Classifier" => CountedColumn.Classifier(_ml, dependsOnRows),
        "DataEmbedding" => CountedColumn.DataEmbedding(_ml, dependsOnRows),
        "ConditionEmbedding" => CountedColumn.ConditionEmbedding(_ml, dependsOnRows),
        _ => CountedColumn.Decoder(_ml, dependsOnRows),
    };
}
