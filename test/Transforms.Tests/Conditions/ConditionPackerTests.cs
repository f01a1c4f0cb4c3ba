using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ConditionPackerTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void Bind_AllTypes_PacksInOrder()
    {
        var view = Keyed(new Row { Text = "a", Flag = true, Number = 5, Vector = [6, 7] }, new Row { Text = "b", Number = float.NaN });
        string[] names = ["Text", "Flag", "Number", "Vector"];
        var layout = ConditionPacker.LayoutOf(view.Schema, names);
        Assert.AreSequenceEqual(
            new ConditionSlot[] { new ClassCondition("Text", 2), new ClassCondition("Flag", 2), new VectorCondition("Number", 1), new VectorCondition("Vector", 2) }, layout.Slots);
        var rows = Pack(view, names, layout);
        Assert.AreSequenceEqual(new float[] { 1, 2, 5, 6, 7 }, rows[0]);
        Assert.AreSequenceEqual(new float[] { 2, 1, float.NaN, 0, 0 }, rows[1]);
    }

    [TestMethod]
    public void Bind_VectorOfTwoDimensions_IsASequenceOrWhatTheModelWasTrainedWith()
    {
        var view = _ml.Data.LoadFromEnumerable<Tokens>([new() { Values = [1, 2, 3, float.NaN, 5, 6] }]);
        var layout = ConditionPacker.LayoutOf(view.Schema, ["Values"]);
        Assert.AreEqual(new SequenceCondition("Values", 3, 2), layout.Slots[0]);
        var flat = new ConditionLayout([new VectorCondition("Values", 6)]);
        foreach (var each in new[] { layout, flat })
            Assert.AreSequenceEqual((float[])[1, 2, 3, float.NaN, 5, 6], Pack(view, ["Values"], each)[0]);
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ConditionPacker(view.Schema, ["Values"], new ConditionLayout([new SequenceCondition("Values", 2, 3)])));
        Assert.Contains("expected 2 tokens of 3 numbers (Single), as in training, got 3 tokens of 2 numbers (Single)", e.Message);
    }

    [TestMethod]
    public void Bind_Pictures_AreResizedAndComeIntoModelSpace()
    {
        var view = _ml.Data.LoadFromEnumerable<Small>([new() { Picture = [0, 10, 10, 20] }, new() { Picture = [float.NaN, 0, 0, 0] }, new() { Picture = [5, 5, 5, 5] }, new() { Picture = [0, float.PositiveInfinity, 0, 0] }]);
        var layout = ConditionPacker.LayoutOf(view, ["Picture"], new DataShape(3, 4, 4));
        Assert.AreEqual(new PictureCondition("Picture", new DataShape(1, 4, 4), new DataShape(1, 2, 2), 0, 20), layout.Slots[0]);
        var rows = Pack(view, ["Picture"], layout);
        // Bilinear: the corners are the pixels themselves.
        Assert.AreSequenceEqual((float[])[-1, 0, 0, 1], new[] { 0, 3, 12, 15 }.Select(i => rows[0][i]));
        Assert.AreEqual(0, rows[0].Sum(), 1e-5);
        Assert.IsTrue(rows[1].All(float.IsNaN), "missing");
        Assert.IsTrue(rows[2].All(value => value == -0.5f));
        Assert.IsTrue(rows[3].All(float.IsPositiveInfinity), "told to what reads it");
        // The range is that of training, whatever comes later.
        var bright = _ml.Data.LoadFromEnumerable<Small>([new() { Picture = [40, 40, 40, 40] }]);
        Assert.IsTrue(Pack(bright, ["Picture"], layout)[0].All(value => value == 3));
        var larger = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ConditionPacker(_ml.Data.LoadFromEnumerable<Wide>([new()]).Schema, ["Picture"], layout));
        Assert.Contains("expected pictures [1, 2, 2] (Single), as in training", larger.Message);
        var missing = _ml.Data.LoadFromEnumerable<Small>([new() { Picture = [float.NaN, 0, 0, 0], }]);
        Assert.IsTrue(Pack(missing, ["Picture"], layout)[0].All(float.IsNaN));
    }

    [TestMethod]
    public void LayoutOf_SequencesOfThreeDimensions_WhereTheyAreNamed()
    {
        var view = _ml.Data.LoadFromEnumerable<Small>([new() { Picture = [1, 2, 3, float.NaN] }]);
        var layout = ConditionPacker.LayoutOf(view, ["Picture"], new DataShape(3, 4, 4), ["Picture"]);
        Assert.AreEqual(new SequenceCondition("Picture", 2, 2), layout.Slots[0]);
        Assert.AreSequenceEqual((float[])[1, 2, 3, float.NaN], Pack(view, ["Picture"], layout)[0]);
    }

    [TestMethod]
    public void LayoutOf_PicturesOfOneValueOrNone()
    {
        var same = _ml.Data.LoadFromEnumerable<Small>([new() { Picture = [2, 2, 2, 2] }]);
        Assert.AreEqual(new PictureCondition("Picture", new DataShape(1, 2, 2), new DataShape(1, 2, 2), 2, 3), ConditionPacker.LayoutOf(same, ["Picture"], new DataShape(3, 2, 2)).Slots[0]);
        var none = _ml.Data.LoadFromEnumerable<Small>([new() { Picture = [float.NaN, float.NaN, float.NaN, float.NaN] }]);
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => ConditionPacker.LayoutOf(none, ["Picture"], new DataShape(3, 2, 2)));
        Assert.Contains("'Picture' has no pictures to learn from", e.Message);
        // Beside vectors a picture is a vector.
        Assert.AreEqual(new VectorCondition("Picture", 4), ConditionPacker.LayoutOf(same, ["Picture"], new DataShape(7)).Slots[0]);
    }

    [TestMethod]
    public void Bind_VectorsOfKeys_AreTokens()
    {
        var view = _ml.Data.LoadFromEnumerable<Words>([new() { Keys = [3, 1, 0, 0] }, new() { Keys = [0, 0, 0, 0] }, new() { Keys = [1, 9, 2, 3] }]);
        var layout = ConditionPacker.LayoutOf(view.Schema, ["Keys"]);
        Assert.AreEqual(new TokensCondition("Keys", 4, 5), layout.Slots[0]);
        ConditionPacker.Check(Shapes.Of(view.Schema), ["Keys"]);
        var rows = Pack(view, ["Keys"], layout);
        Assert.AreSequenceEqual((float[])[3, 1, 0, 0], rows[0]);
        Assert.AreSequenceEqual((float[])[0, 0, 0, 0], rows[1]);
        Assert.AreSequenceEqual((float[])[1, 0, 2, 3], rows[2], "a value outside of the keys is a missing one");
        foreach (var other in new[] { new TokensCondition("Keys", 4, 6), new TokensCondition("Keys", 3, 5) })
            Assert.Contains("got 4 tokens out of 5 (keys)", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ConditionPacker(view.Schema, ["Keys"], new ConditionLayout([other]))).Message);
    }

    [TestMethod]
    public void Bind_UnknownKey_IsMissing()
    {
        var mapping = _ml.Transforms.Conversion.MapValueToKey("Text").Fit(_ml.Data.LoadFromEnumerable(new[] { new Row { Text = "a" } }));
        var view = mapping.Transform(_ml.Data.LoadFromEnumerable(new[] { new Row { Text = "unheard of" } }));
        Assert.AreEqual(0, Pack(view, ["Text"], ConditionPacker.LayoutOf(view.Schema, ["Text"]))[0][0]);
    }

    [TestMethod]
    public void LayoutOf_WrongTypes_NamesTheTransformThatHelps()
    {
        var view = _ml.Data.LoadFromEnumerable(new[] { new Row() });
        Assert.Contains("Schema mismatch for input column 'Text': expected a key, Boolean, Single or known-size vector of Single or of keys, got String", Refuse(view, "Text"));
        Assert.Contains("MapValueToKey(\"Text\")", Refuse(view, "Text"));
        Assert.Contains("ConvertType(\"Whole\"", Refuse(view, "Whole"));
        Assert.Contains("got Vector<Single>", Refuse(view, "Variable"));
        Assert.Contains("Could not find input column 'None'", Refuse(view, "None"));
    }

    [TestMethod]
    public void Create_OtherNumberOfClasses_IsRefused()
    {
        var training = Keyed(new Row { Text = "a" }, new Row { Text = "b" });
        var layout = ConditionPacker.LayoutOf(training.Schema, ["Text"]);
        var other = Keyed(new Row { Text = "a" }, new Row { Text = "b" }, new Row { Text = "c" });
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ConditionPacker(other.Schema, ["Text"], layout));
        Assert.Contains("expected one of 2 classes, as in training, got one of 3 classes", e.Message);
    }

    [TestMethod]
    public void Transform_ConditionMissing_SaysWhatItWas()
    {
        var model = TestPipelines.Denoiser(_ml).Fit(Point.Load(_ml, 6));
        var denoiser = ((IEnumerable<ITransformer>)model).Last();
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => denoiser.Transform(_ml.Diffusion().Data.Rows(2)));
        Assert.Contains("Could not find input column 'Label'", e.Message);
        Assert.Contains("trained with it as a condition: one of 3 classes", e.Message);
    }

    private IDataView Keyed(params Row[] rows)
    {
        var data = _ml.Data.LoadFromEnumerable(rows);
        return _ml.Transforms.Conversion.MapValueToKey("Text").Fit(data).Transform(data);
    }

    private static float[][] Pack(IDataView view, string[] names, ConditionLayout layout)
    {
        var packer = new ConditionPacker(view.Schema, names, layout);
        using var cursor = view.GetRowCursor(packer.Inputs.Select(index => view.Schema[index]));
        var write = packer.Bind(cursor);
        var rows = new List<float[]>();
        while (cursor.MoveNext())
        {
            var row = new float[layout.Width];
            write(row);
            rows.Add(row);
        }
        return [.. rows];
    }

    private static string Refuse(IDataView view, string column)
    {
        string shape = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ConditionPacker.Check(Shapes.Of(view.Schema), [column])).Message;
        string schema = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ConditionPacker.LayoutOf(view.Schema, [column])).Message;
        Assert.AreEqual(shape.Split(':')[0], schema.Split(':')[0]);
        return schema;
    }

    private sealed class Small
    {
        [VectorType(1, 2, 2)]
        public float[] Picture { get; set; } = new float[4];
    }

    private sealed class Wide
    {
        [VectorType(1, 2, 4)]
        public float[] Picture { get; set; } = new float[8];
    }

    private sealed class Words
    {
        [KeyType(5), VectorType(4)]
        public uint[] Keys { get; set; } = [];
    }

    private sealed class Tokens
    {
        [VectorType(3, 2)]
        public float[]? Values { get; set; }
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public bool Flag { get; set; }

        public float Number { get; set; }

        public int Whole { get; set; }

        public float[] Variable { get; set; } = [];

        [VectorType(2)]
        public float[] Vector { get; set; } = [0, 0];
    }
}
