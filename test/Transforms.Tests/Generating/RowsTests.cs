using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class RowsTests
{
    private readonly DiffusionDataCatalog _data = new MLContext(1).Diffusion().Data;

    [TestMethod]
    public void Rows_Count_GivesConsecutiveSeeds()
    {
        var rows = _data.Rows(3, seed: 5);
        Assert.AreEqual(3, rows.GetRowCount());
        Assert.AreSequenceEqual(new long[] { 5, 6, 7 }, rows.GetColumn<long>("Seed"));
    }

    [TestMethod]
    public void Rows_Labels_GivesEachLabelItsCount()
    {
        var rows = _data.Rows("Kind", ["cat", "dog"], countPerValue: 2);
        Assert.AreSequenceEqual(new[] { "cat", "cat", "dog", "dog" }, rows.GetColumn<string>("Kind"));
        Assert.AreSequenceEqual(new long[] { 0, 1, 2, 3 }, rows.GetColumn<long>("Seed"));
    }

    [TestMethod]
    public void Rows_Vectors_HaveKnownSize()
    {
        var rows = _data.Rows<float[]>("Vector", [[1, 2], [3, 4]]);
        Assert.AreEqual(2, ((VectorDataViewType)rows.Schema["Vector"].Type).Size);
        Assert.AreSequenceEqual(new float[] { 3, 4 }, rows.GetColumn<float[]>("Vector").Last());
    }

    [TestMethod]
    public void Rows_FlagsAndNumbers_KeepTheirTypes()
    {
        Assert.AreEqual(BooleanDataViewType.Instance, _data.Rows("Flag", [true, false]).Schema["Flag"].Type);
        Assert.AreEqual(NumberDataViewType.Single, _data.Rows("Number", [0.5f]).Schema["Number"].Type);
    }

    [TestMethod]
    public void Rows_BadArguments_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _data.Rows(-1));
        Assert.ThrowsExactly<ArgumentException>(() => _data.Rows("Seed", ["a"]));
        Assert.ThrowsExactly<ArgumentException>(() => _data.Rows<float[]>("Vector", [[1], [1, 2]]));
    }
}
