using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class NoiseScheduleTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void Fit_Vectors_MeasuresMeansAndDeviations()
    {
        var info = Fit(Row(1, 10), Row(2, 10), Row(3, 10), Row(6, 10)).Info;
        var codec = Assert.IsInstanceOfType<StandardizingCodec>(info.Codec);
        Assert.AreSequenceEqual(new[] { 3f, 10f }, codec.Means);
        // √(((1−3)² + (2−3)² + 0 + (6−3)²) / 4); the second value is the same in every row.
        Assert.AreEqual(Math.Sqrt(3.5), codec.Deviations[0], 1e-6);
        Assert.AreEqual(1, codec.Deviations[1]);
        Assert.AreEqual(Math.Sqrt(0.5), info.DataScale, 1e-6);
    }

    [TestMethod]
    public void Fit_Sequences_MeasuresMeansAndDeviationsOfChannels()
    {
        var messages = new List<string>();
        _ml.Log += (_, e) => messages.Add(e.Message);
        var rows = new[] { new SequenceRow { X = [1, 2, 3, 10, 10, 10] }, new SequenceRow { X = [3, 2, 1, 10, 10, 10] } };
        var info = _ml.Diffusion().Transforms.NoiseSchedule("X").Fit(_ml.Data.LoadFromEnumerable(rows)).Info;
        Assert.AreEqual(new DataShape(2, 3), info.Shape);
        Assert.Contains(message => message.Contains("sequences of 2 channels and the length 3", StringComparison.Ordinal) && message.Contains("ImageShape = (1, 2, 3)", StringComparison.Ordinal), messages);
        var codec = Assert.IsInstanceOfType<StandardizingCodec>(info.Codec);
        Assert.AreSequenceEqual(new[] { 2f, 2, 2, 10, 10, 10 }, codec.Means);
        Assert.AreEqual(Math.Sqrt(2 / 3.0), codec.Deviations[0], 1e-6);
        Assert.AreEqual(codec.Deviations[0], codec.Deviations[2]);
        Assert.AreEqual(1, codec.Deviations[3], "the second channel is the same everywhere");
        Assert.AreEqual(Math.Sqrt(0.5), info.DataScale, 1e-6);
    }

    private sealed class SequenceRow
    {
        [VectorType(2, 3)]
        public float[] X { get; set; } = [];
    }

    [TestMethod]
    public void Fit_ConstantValue_WarnsInLog()
    {
        var messages = new List<string>();
        _ml.Log += (_, e) => messages.Add(e.Message);
        Fit(Row(1, 10), Row(2, 10));
        Assert.Contains(message => message.Contains("1 of 2 values are the same in every row", StringComparison.Ordinal), messages);
    }

    [TestMethod]
    [DataRow(1, true)]
    [DataRow(20, true)]
    [DataRow(0, false)]
    public void Fit_FewHugeNumbersThatFlattenAColumn_WarnInLog(int huge, bool warns)
    {
        var messages = new List<string>();
        _ml.Log += (_, e) => messages.Add(e.Message);
        Fit([.. Enumerable.Range(0, 3000).Select(i => Row(i * 7919 % 100, i % 150 == 7 && i / 150 < huge ? 1e9f : i % 11))]);
        Assert.AreEqual(warns, messages.Any(message => message.Contains("a few huge numbers flatten 1 of 2 values, the first of them value 1", StringComparison.Ordinal)));
    }

    // Most rows zero, a few one: nothing is flattened, since nothing else differs. Lognormal of σ = 2 is heavy, but no fault.
    [TestMethod]
    public void Fit_RareOrHeavyValues_DoNotWarn()
    {
        var messages = new List<string>();
        _ml.Log += (_, e) => messages.Add(e.Message);
        float[] normal = new float[3000];
        RowNoise.FillNormal(normal, 1, new RowKey(0), 0);
        Fit([.. normal.Select((value, i) => Row(i == 5 ? 1 : 0, MathF.Exp(2 * value)))]);
        Assert.DoesNotContain(message => message.Contains("huge", StringComparison.Ordinal), messages);
    }

    [TestMethod]
    public void Fit_LargeMean_LosesNoDigits()
    {
        var codec = (StandardizingCodec)Fit(Row(1e6f, 1), Row(1e6f + 1, 2)).Info.Codec;
        Assert.AreEqual(0.5, codec.Deviations[0], 1e-6);
    }

    [TestMethod]
    public void Fit_ByteRangePictures_TakesPixelCodec()
    {
        var info = FitPictures([0, 255, 255, 0]).Info;
        var codec = Assert.IsInstanceOfType<PixelCodec>(info.Codec);
        Assert.AreEqual(255, codec.Maximum);
        Assert.AreEqual(new DataShape(1, 2, 2), info.Shape);
        Assert.AreEqual(1, info.DataScale, 1e-6, "half the pixels at −1, half at 1");
    }

    [TestMethod]
    public void Fit_UnitRangePictures_SaysWhichCodec()
    {
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => FitPictures([0, 1, 0.5f, 0]));
        Assert.Contains("PixelCodec(0, 1)", e.Message);
    }

    [TestMethod]
    public void Fit_UnitRangePicturesWithCodec_IsFine()
        => Assert.AreEqual(1, ((PixelCodec)FitPictures([0, 1, 0.5f, 0], new() { Codec = new PixelCodec(0, 1) }).Info.Codec).Maximum);

    [TestMethod]
    public void Fit_PixelOutOfRange_NamesRowAndValue()
    {
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => FitPictures([0, 9, 0, 0], null, [0, 300, 0, 0]));
        Assert.Contains("Column 'Pixels', row 1: value 1 is 300", e.Message);
        Assert.Contains("Codec", e.Message);
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void Fit_NotFinite_NamesRowAndColumn(float value)
    {
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(Row(1, 2), Row(3, value)));
        Assert.Contains("Column 'X', row 1: value 1 is", e.Message);
    }

    [TestMethod]
    public void Fit_NoRows_SaysSo()
        => Assert.Contains("no rows", Assert.ThrowsExactly<InvalidOperationException>(() => Fit()).Message);

    [TestMethod]
    public void Fit_WrongColumns_SaysWhatWasExpected()
    {
        Assert.Contains("Could not find input column 'Z'; the columns are: 'X'", Refuse("Z", new Pair()));
        Assert.Contains("Schema mismatch for input column 'Text': expected a known-size vector of Single, got String", Refuse("Text", new Others()));
        Assert.Contains("expected a known-size vector of Single, got Vector<Double, 2>", Refuse("Doubles", new Others()));
        Assert.Contains("ConvertType", Refuse("Doubles", new Others()));
        Assert.Contains("VectorType", Refuse("Variable", new Others()));
        Assert.Contains("Concatenate", Refuse("Scalar", new Others()));
        Assert.Contains("ImageShape", Refuse("Clips", new Others()));
    }

    [TestMethod]
    public void Fit_ImageShapeOfOtherSize_IsRefused()
    {
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => FitPictures([0, 255, 0, 0], new() { ImageShape = (3, 2, 2) }));
        Assert.Contains("vectors of 12 values, as ImageShape [3, 2, 2] says", e.Message);
    }

    [TestMethod]
    public void Transform_Noised_IsAlphaTimesDataPlusSigmaTimesNoise()
    {
        // The noise that explains each row must look standard normal: 4,000 draws.
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 2000).Select(i => Row(i % 7, -i % 5)));
        var transformer = _ml.Diffusion().Transforms.NoiseSchedule("X").Fit(data);
        var view = transformer.Transform(data);
        var clean = ViewChecks.Vectors(view, "X");
        var noised = ViewChecks.Vectors(view, "NoisedX");
        var levels = ViewChecks.Vectors(view, "NoisedXLevel");
        double sum = 0, squares = 0;
        for (int i = 0; i < clean.Length; i++)
        {
            transformer.Info.Codec.Encode(clean[i]);
            transformer.Info.Codec.Encode(noised[i]);
            Assert.AreEqual(levels[i][0], levels[i][2] / 80, 1e-6, "EDM: σ = 80·t");
            Assert.AreEqual(1, levels[i][1]);
            for (int j = 0; j < 2; j++)
            {
                double noise = (noised[i][j] - clean[i][j]) / levels[i][2];
                sum += noise;
                squares += noise * noise;
            }
        }
        // Within four standard errors; rounding of small levels adds next to nothing.
        Assert.AreEqual(0, sum / 4000, 4 / Math.Sqrt(4000));
        Assert.AreEqual(1, squares / 4000, 4 * Math.Sqrt(2.0 / 4000) + 0.01);
    }

    [TestMethod]
    public void Transform_SparseData_IsAsDense()
    {
        var dense = Point.Load(_ml, 6);
        var transformer = _ml.Diffusion().Transforms.NoiseSchedule("X").Fit(dense);
        var sparse = new SparseView(dense);
        Assert.AreSequenceEqual(
            ViewChecks.Rows(transformer.Transform(dense), i => i >= 4, out _), ViewChecks.Rows(transformer.Transform(sparse), i => i >= 4, out _));
        Assert.AreEqual(transformer.Info.DataScale, _ml.Diffusion().Transforms.NoiseSchedule("X").Fit(sparse).Info.DataScale);
    }

    [TestMethod]
    public void Transform_RowsWithoutData_PassUnchangedAndLogOnce()
    {
        var messages = new List<string>();
        var transformer = Fit(Row(1, 2), Row(2, 3));
        _ml.Log += (_, e) => messages.Add(e.Message);
        var rows = _ml.Diffusion().Data.Rows(3);
        Assert.HasCount(1, transformer.Transform(rows).Schema);
        Assert.HasCount(1, transformer.Transform(rows).Schema);
        Assert.ContainsSingle(message => message.Contains("no column 'X'", StringComparison.Ordinal), messages);
    }

    [TestMethod]
    public void Find_AfterCacheShuffleAndFilter_IsKept()
    {
        var data = Point.Load(_ml, 6);
        var view = _ml.Diffusion().Transforms.NoiseSchedule("X").Fit(data).Transform(data);
        view = _ml.Data.TakeRows(_ml.Data.ShuffleRows(_ml.Data.Cache(view), 1), 3);
        Assert.AreEqual("X", ForwardProcessInfo.Find(view.Schema, "X")?.SourceColumn);
        Assert.IsNull(ForwardProcessInfo.Find(view.Schema, "Y"));
    }

    private NoiseScheduleTransformer Fit(params Pair[] rows)
        => _ml.Diffusion().Transforms.NoiseSchedule("X").Fit(_ml.Data.LoadFromEnumerable(rows));

    private NoiseScheduleTransformer FitPictures(float[] first, NoiseScheduleEstimator.Options? options = null, params float[][] others)
        => _ml.Diffusion().Transforms.NoiseSchedule("Pixels", options: options)
            .Fit(_ml.Data.LoadFromEnumerable(others.Prepend(first).Select(pixels => new Picture { Pixels = pixels })));

    private string Refuse<T>(string column, T row)
        where T : class
        => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Diffusion().Transforms.NoiseSchedule(column).Fit(_ml.Data.LoadFromEnumerable(new[] { row }))).Message;

    private static Pair Row(float x, float y) => new() { X = [x, y] };

    private sealed class Pair
    {
        [VectorType(2)]
        public float[] X { get; set; } = [0, 0];
    }

    private sealed class Picture
    {
        [VectorType(1, 2, 2)]
        public float[] Pixels { get; set; } = [];
    }

    private sealed class Others
    {
        public string Text { get; set; } = "";

        [VectorType(2)]
        public double[] Doubles { get; set; } = [0, 0];

        public float[] Variable { get; set; } = [0];

        public float Scalar { get; set; }

        [VectorType(2, 3, 1, 1)]
        public float[] Clips { get; set; } = [0, 0, 0, 0, 0, 0];
    }
}
