using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class PictureDataViewTests
{
    private static readonly MLContext _ml = new(1);

    [TestMethod]
    public void GetRowCursorSet_AnyNumber_GivesEveryRowOnce()
    {
        using var folder = new TemporaryFolder();
        IDataView data = Load(folder, 200);
        foreach (int n in new[] { 1, 2, 7 })
        {
            DataViewRowCursor[] cursors = data.GetRowCursorSet(data.Schema, n);
            List<float> first = [];
            foreach (DataViewRowCursor cursor in cursors)
                using (cursor)
                    first.AddRange(Firsts(cursor));
            Assert.AreSequenceEqual(Enumerable.Range(0, 200).Select(i => (float)i).ToArray(), first.Order().ToArray(), $"{n} cursors");
        }
    }

    [TestMethod]
    public void ShuffleRows_KeepsRowsAndIds()
    {
        using var folder = new TemporaryFolder();
        IDataView data = Load(folder, 100);
        Assert.IsTrue(data.CanShuffle);
        IDataView shuffled = _ml.Data.ShuffleRows(data, seed: 5);
        using DataViewRowCursor cursor = shuffled.GetRowCursor(shuffled.Schema);
        List<float> first = [.. Firsts(cursor)];
        Assert.AreSequenceEqual(Enumerable.Range(0, 100).Select(i => (float)i).ToArray(), first.Order().ToArray());
        Assert.AreNotSequenceEqual(Enumerable.Range(0, 100).Select(i => (float)i).ToArray(), first);
    }

    [TestMethod]
    public void GetGetter_WrongTypeOrInactive_Throws()
    {
        using var folder = new TemporaryFolder();
        IDataView data = Load(folder, 3);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Label"]]);
        Assert.Throws<Exception>(() => cursor.GetGetter<VBuffer<float>>(data.Schema["Pixels"]));
        Assert.Throws<Exception>(() => cursor.GetGetter<float>(data.Schema["Label"]));
    }

    private static IDataView Load(TemporaryFolder folder, int count)
    {
        byte[] images = IdxBytes.Make(8, [(uint)count, 1, 2], [.. Enumerable.Range(0, count).SelectMany(i => new[] { (byte)i, (byte)0 })]);
        File.WriteAllBytes(folder.File("images"), images);
        File.WriteAllBytes(folder.File("labels"), IdxBytes.Labels(new byte[count]));
        return _ml.Diffusion().Data.LoadIdx(folder.File("images"), folder.File("labels"));
    }

    // The first pixel of each row, which is also its id.
    private static IEnumerable<float> Firsts(DataViewRowCursor cursor)
    {
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(cursor.Schema["Pixels"]);
        ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
        VBuffer<float> value = default;
        DataViewRowId id = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            getId(ref id);
            Assert.AreEqual((ulong)value.GetValues()[0], id.Low);
            yield return value.GetValues()[0];
        }
    }
}
