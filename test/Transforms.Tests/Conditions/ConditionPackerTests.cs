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
            new ConditionSlot[] { new ClassCondition("Text", 2) { Values = new(["a", "b"]) }, new ClassCondition("Flag", 2) { Values = new(["False", "True"], "Boolean") }, new VectorCondition("Number", 1), new VectorCondition("Vector", 2) }, layout.Slots);
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
    public void Bind_KeyOfAnUnknownText_IsToldFromAMissingOne()
    {
        var mapping = _ml.Transforms.Conversion.MapValueToKey("Text").Fit(_ml.Data.LoadFromEnumerable(new[] { new Row { Text = "a" } }));
        var view = mapping.Transform(_ml.Data.LoadFromEnumerable(new[] { new Row { Text = "unheard of" } }));
        var layout = ConditionPacker.LayoutOf(view.Schema, ["Text"]);
        var e = Assert.ThrowsExactly<UnknownValueException>(() => Pack(view, ["Text"], layout));
        Assert.StartsWith("Row 0, column 'Text': the value 'unheard of' is none of the 1 that the model was trained with: 'a'.", e.Message);
        Assert.AreEqual(0, Pack(mapping.Transform(_ml.Data.LoadFromEnumerable(new[] { new Row { Text = "" } })), ["Text"], layout)[0][0], "an empty text");
    }

    [TestMethod]
    public void Bind_KnownTextWithoutItsKey_WasMadeMissing()
    {
        var definition = SchemaDefinition.Create(typeof(Named));
        ReadOnlyMemory<char>[] values = ["a".AsMemory(), "b".AsMemory()];
        definition[nameof(Named.Key)].AddAnnotation("KeyValues", new VBuffer<ReadOnlyMemory<char>>(2, values), new VectorDataViewType(TextDataViewType.Instance, 2));
        // ML.NET counts such members from 0; what is beyond the last is missing.
        var view = _ml.Data.LoadFromEnumerable<Named>([new() { Source = "a", Key = 0 }, new() { Source = "a", Key = 9 }, new() { Source = "", Key = 9 }, new() { Source = "z", Key = 9 }], definition);
        var layout = ConditionPacker.LayoutOf(view.Schema, ["Key"]);
        var packer = new ConditionPacker(view.Schema, ["Key"], layout, sources: [new("Source", 0)]);
        using var cursor = view.GetRowCursor(packer.Inputs.Select(index => view.Schema[index]));
        var write = packer.Bind(cursor);
        var row = new float[1];
        foreach (float expected in new float[] { 1, 0, 0 })
        {
            cursor.MoveNext();
            write(row);
            Assert.AreEqual(expected, row[0]);
        }
        cursor.MoveNext();
        Assert.AreEqual("z", Assert.ThrowsExactly<UnknownValueException>(() => write(row)).Value);
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
    public void Bind_OtherKeys_AreThoseOfTheSameValues()
    {
        var training = Keyed(new Row { Text = "a" }, new Row { Text = "b" });
        var layout = ConditionPacker.LayoutOf(training.Schema, ["Text"]);
        Assert.AreSequenceEqual((float[])[2, 1, 2], Pack(Keyed(new Row { Text = "b" }, new Row { Text = "a" }, new Row { Text = "b" }), ["Text"], layout).Select(row => row[0]));
        Assert.AreSequenceEqual((float[])[2], Pack(Keyed(new Row { Text = "b" }), ["Text"], layout).Select(row => row[0]), "fewer");
        // A row that asks for what the model does not know is an error; the keys for it are none.
        var more = Keyed(new Row { Text = "c" }, new Row { Text = "b" }, new Row { Text = "a" });
        Assert.Contains("the value 'c' is none of the 2", Assert.ThrowsExactly<UnknownValueException>(() => Pack(more, ["Text"], layout)).Message);
        Assert.AreSequenceEqual((float[])[2, 1], Pack(_ml.Data.SkipRows(more, 1), ["Text"], layout).Select(row => row[0]));
    }

    [TestMethod]
    public void Create_KeysOfOtherThings_AreRefusedWithBoth()
    {
        var known = ConditionPacker.LayoutOf(Keyed(new Row { Text = "a" }, new Row { Text = "b" }).Schema, ["Text"]);
        var numbers = new ConditionLayout([new ClassCondition("Text", 2)]);
        var other = Keyed(new Row { Text = "cat" }, new Row { Text = "dog" }).Schema;
        Assert.Contains("expected one of 2 classes: 'a', 'b', as in training, got one of 2 classes: 'cat', 'dog'. None of the values is one of the model's.", Refused(other, "Text", known));
        Assert.Contains("expected one of 2 classes, as in training, got one of 2 classes: 'cat', 'dog'. The model does not know what its own keys stand for", Refused(other, "Text", numbers));
        Assert.Contains("expected one of 2 classes: 'a', 'b', as in training, got one of 2 classes: 'False', 'True'", Refused(other, "Flag", known));
        Assert.Contains("got one of 5 classes. Keys without values are the model's own numbers, as many as it has.", Refused(_ml.Data.LoadFromEnumerable<Number>([]).Schema, "Key", known));
        // Numbers without values are the model's own.
        var view = _ml.Data.LoadFromEnumerable(new[] { new Number { Key = 3 }, new Number { Key = 1 } });
        foreach (var five in new[] { new ClassCondition("Key", 5), new ClassCondition("Key", 5) { Values = new(["v", "w", "x", "y", "z"]) } })
            Assert.AreSequenceEqual((float[])[4, 2], Pack(view, ["Key"], new ConditionLayout([five])).Select(row => row[0]));

        static string Refused(DataViewSchema schema, string column, ConditionLayout layout)
            => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ConditionPacker(schema, [column], layout)).Message;
    }

    [TestMethod]
    public void Bind_VectorsOfOtherKeys_AreMappedPlaceByPlace()
    {
        IDataView Words(params Text[] rows)
        {
            var data = _ml.Data.LoadFromEnumerable(rows);
            return _ml.Transforms.Conversion.MapValueToKey("Words").Fit(data).Transform(data);
        }

        var training = Words(new Text { Words = ["a", "b", "c"] });
        var layout = ConditionPacker.LayoutOf(training.Schema, ["Words"]);
        Assert.AreEqual(new TokensCondition("Words", 3, 3) { Values = new(["a", "b", "c"]) }, layout.Slots[0]);
        var rows = Pack(Words(new Text { Words = ["c", "b", "a"] }, new Text { Words = ["b", "", "c"] }), ["Words"], layout);
        Assert.AreSequenceEqual((float[])[3, 2, 1], rows[0]);
        Assert.AreSequenceEqual((float[])[2, 0, 3], rows[1]);
        var unknown = _ml.Data.LoadFromEnumerable(new[] { new Text { Words = ["a", "z", ""] } });
        var own = _ml.Transforms.Conversion.MapValueToKey("Words", keyData: _ml.Data.LoadFromEnumerable(new[] { new { Word = "a" }, new { Word = "b" }, new { Word = "c" } })).Fit(unknown).Transform(unknown);
        Assert.AreEqual("z", Assert.ThrowsExactly<UnknownValueException>(() => Pack(own, ["Words"], layout)).Value);
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

    private sealed class Named
    {
        public string Source { get; set; } = "";

        [KeyType(2)]
        public uint Key { get; set; }
    }

    private sealed class Number
    {
        [KeyType(5)]
        public uint Key { get; set; }
    }

    private sealed class Text
    {
        [VectorType(3)]
        public string[] Words { get; set; } = [];
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
