using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class BatchedCursorTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void GetRowCursorSet_BatchedColumn_GivesOneCursorWithAllRows()
    {
        var view = Sampled();
        var cursors = view.GetRowCursorSet([view.Schema["Sample"]], 4);
        Assert.HasCount(1, cursors);
        using var cursor = cursors[0];
        int rows = 0;
        while (cursor.MoveNext())
            rows++;
        Assert.AreEqual(10, rows);
    }

    [TestMethod]
    public void GetGetter_BeforeMoveNext_FailsOnUseOnly()
    {
        var view = Sampled();
        using var cursor = view.GetRowCursor([view.Schema["Sample"]]);
        var getter = cursor.GetGetter<VBuffer<float>>(view.Schema["Sample"]);
        VBuffer<float> value = default;
        Assert.ThrowsExactly<InvalidOperationException>(() => getter(ref value));
        Assert.IsTrue(cursor.MoveNext());
        getter(ref value);
        Assert.AreEqual(4, value.Length);
    }

    [TestMethod]
    public void GetGetter_InactiveColumnOrWrongType_IsRefused()
    {
        var view = Sampled();
        using var cursor = view.GetRowCursor([view.Schema["Sample"]]);
        Assert.ThrowsExactly<ArgumentException>(() => cursor.GetGetter<VBuffer<float>>(view.Schema["X"]));
        Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<float>(view.Schema["Sample"]));
    }

    [TestMethod]
    public void Transform_PassesThatDiffer_AreNoticed()
    {
        var model = TestPipelines.Unconditional(_ml).Fit(Point.Load(_ml, 10));
        var data = _ml.Data.LoadFromEnumerable(new Shrinking());
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => ViewChecks.Vectors(model.Transform(data), "Sample"));
        Assert.Contains("ml.Data.Cache", e.Message);
    }

    [TestMethod]
    public void GetRowCursor_ForeignColumn_IsRefused()
    {
        var view = Sampled();
        var other = _ml.Diffusion().Data.Rows(1);
        Assert.ThrowsExactly<ArgumentException>(() => view.GetRowCursor(other.Schema));
    }

    private IDataView Sampled() => TestPipelines.Unconditional(_ml).Fit(Point.Load(_ml, 10)).Transform(Point.Load(_ml, 10));

    /// <summary>Gives fewer rows each time it is read.</summary>
    private sealed class Shrinking : IEnumerable<Point>
    {
        private int _rows = 6;

        public IEnumerator<Point> GetEnumerator() => Point.Make(_rows--).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
