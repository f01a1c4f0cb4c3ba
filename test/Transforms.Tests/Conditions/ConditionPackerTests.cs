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
        Assert.Contains("Schema mismatch for input column 'Text': expected a key, Boolean, Single or known-size vector of Single, got String", Refuse(view, "Text"));
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
