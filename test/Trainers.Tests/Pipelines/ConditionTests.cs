using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Conditions of every kind, alone and together, from columns to samples.</summary>
[TestClass]
public class ConditionTests
{
    private static readonly string[] Conditions = ["Class", "Flag", "Number", "Vector", "Sequence", "Mask", "Tokens"];

    private static readonly Network Network = new UNet { Channels = 8, Groups = 4, HeadChannels = 4, Multipliers = [1], MiddleAttention = false };

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Fit_Pictures_SamplesFollowThem()
    {
        // A mask of half the size says which side of the picture is bright.
        var d = _ml.Diffusion();
        var network = new UNet { Channels = 16, Groups = 4, Multipliers = [1], MiddleAttention = false };
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 128).Select(Row));
        var chain = d.Transforms.NoiseSchedule("Picture", KnownSchedules.EdmSmallImages)
            .Append(d.Trainers.Denoiser("Picture", "Mask", new() { Network = network, Steps = 250, BatchSize = 16, Seed = 1, HorizontalFlips = true }))
            .Append(d.Transforms.ClassifierFreeGuidance(scale: 1.5))
            .Append(d.Transforms.Sampler("Sample", new() { Steps = 10 }));
        using var model = chain.Fit(data);
        var queries = _ml.Data.LoadFromEnumerable(Enumerable.Range(200, 16).Select(Row));
        float[][] samples = ViewChecks.Vectors(model.Transform(queries), "Sample");
        // Some 200 of 255 apart in the data; without the mask either side would be the bright one as often as the other.
        for (int i = 0; i < 16; i++)
            Assert.IsGreaterThan(100, (i % 2 == 0 ? 1 : -1) * (Side(samples[i], 0) - Side(samples[i], 2)), $"sample {i}");
        ViewChecks.SameValues(model.Transform(queries), EstimatorChecks.Reload(_ml, model, queries.Schema).Transform(queries));
        using var engine = _ml.Model.CreatePredictionEngine<ConditionsRow, PointSample>(EstimatorChecks.Reload(_ml, model, queries.Schema));
        // A batch of one sums in another order, and ten steps carry that on.
        for (int i = 0; i < 2; i++)
            foreach (var (one, other) in engine.Predict(Row(200 + i)).Sample.Zip(samples[i]))
                Assert.AreEqual(other, one, 0.05);
    }

    [TestMethod]
    public void Fit_AllKindsTogether_TrainsSavesLoadsAndTakesMissingOnes()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 24).Select(Row));
        var options = new DenoiserTrainer.Options { Network = Network, Steps = 3, BatchSize = 8, Seed = 1, ConditionDropouts = Conditions.ToDictionary(name => name, _ => 0.3) };
        using var model = Chain(options).Fit(data);
        var queries = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 4).Select(Row).Append(new ConditionsRow { Seed = 9 }));
        var samples = ViewChecks.Vectors(model.Transform(queries), "Sample");
        Assert.HasCount(5, samples);
        Assert.IsTrue(samples.All(sample => sample.All(float.IsFinite)));
        ViewChecks.SameValues(model.Transform(queries), EstimatorChecks.Reload(_ml, model, queries.Schema).Transform(queries));
    }

    [TestMethod]
    public void Fit_AllMissing_IsTheUnconditionalModel()
    {
        // Classifier-free guidance of scale 0 ignores conditions: what it leaves is what a row without any has.
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 24).Select(Row));
        var d = _ml.Diffusion();
        using var model = d.Transforms.TokenizeText("Tokens", "Text", new() { Length = 4 })
            .Append(d.Transforms.NoiseSchedule("Picture"))
            .Append(d.Trainers.Denoiser("Picture", Conditions.Except(["Flag"]).ToArray(), new() { Network = Network, Steps = 5, BatchSize = 8, Seed = 1 }))
            .Append(d.Transforms.ClassifierFreeGuidance(scale: 1, scaleColumn: "Scale"))
            .Append(d.Transforms.Sampler("Sample", new() { Steps = 3 }))
            .Fit(data);
        // In batches of the same size: the order of sums follows it.
        var ignored = ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, 4).Select(i => Scaled(i, scale: 0)))), "Sample");
        var missing = ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, 4).Select(i => new ConditionsRow { Seed = i, Scale = 1 }))), "Sample");
        var followed = ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, 4).Select(i => Scaled(i, scale: 1)))), "Sample");
        for (int i = 0; i < 4; i++)
        {
            Assert.IsLessThan(1e-2, Largest(ignored[i], missing[i]), "of 255: rounding of sums in another order");
            Assert.IsGreaterThan(0.1, Largest(ignored[i], followed[i]));
        }

        static double Largest(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
    }

    [TestMethod]
    public void Fit_CrossAttentionAndTokens_ReadsStates()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 24).Select(Row));
        var d = _ml.Diffusion();
        var network = new TextConditionedNetwork(new DiT { Width = 16, Depth = 1, Heads = 2 }, new TokenEncoder { Width = 8, Heads = 2, Depth = 1, Dropout = 0.1 });
        using var model = d.Transforms.TokenizeText("Tokens", "Text")
            .Append(d.Transforms.NoiseSchedule("Picture"))
            .Append(d.Trainers.Denoiser("Picture", ["Tokens", "Mask"], new() { Network = network, Steps = 3, BatchSize = 8, Seed = 1 }))
            .Append(d.Transforms.Sampler("Sample", new() { Steps = 3 }))
            .Fit(data);
        ViewChecks.SameValues(model.Transform(data), EstimatorChecks.Reload(_ml, model, data.Schema).Transform(data));
    }

    [TestMethod]
    public void Fit_ConditionsThatDoNotFit_AreRefusedByName()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 24).Select(Row));
        Refused<ArgumentException>("names 'Label', which is no condition column; the condition columns are: 'Class'", () => Chain(new() { ConditionDropouts = new Dictionary<string, double> { ["Label"] = 0.1 } }, "Class"));
        Refused<ArgumentException>("SequenceColumns names 'Label'", () => Chain(new() { SequenceColumns = ["Label"] }, "Class"));
        Refused<ArgumentOutOfRangeException>("must be in [0, 1]", () => Chain(new() { ConditionDropouts = new Dictionary<string, double> { ["Class"] = 1.1 } }, "Class"));
        Refused<ArgumentOutOfRangeException>("got String", () => Chain(new() { Steps = 1 }, "Text").Fit(data));
        var dark = Enumerable.Range(0, 24).Select(Row).ToArray();
        dark[5].Mask[2] = float.NegativeInfinity;
        Refused<InvalidOperationException>("Row 5 of the training data, condition column 'Mask'", () => Chain(new() { Steps = 1, Network = Network, BatchSize = 4 }, "Mask").Fit(_ml.Data.LoadFromEnumerable(dark)));
        using var model = Chain(new() { Steps = 1, Network = Network, BatchSize = 4 }, "Mask").Fit(data);
        Refused<ArgumentException>("'Mask' of row 1 is infinite", () => ViewChecks.Vectors(model.Transform(_ml.Data.LoadFromEnumerable(dark[4..6])), "Sample"));

        static void Refused<TException>(string message, Action action)
            where TException : Exception
            => Assert.Contains(message, Assert.Throws<TException>(action).Message);
    }

    private EstimatorChain<Transforms.SamplerTransformer> Chain(DenoiserTrainer.Options options, params string[] conditions)
    {
        var d = _ml.Diffusion();
        return d.Transforms.TokenizeText("Tokens", "Text", new() { Length = 4 })
            .Append(d.Transforms.NoiseSchedule("Picture"))
            .Append(d.Trainers.Denoiser("Picture", conditions.Length == 0 ? Conditions : conditions, options))
            .Append(d.Transforms.Sampler("Sample", new() { Steps = 3 }));
    }

    // The mean of two of the four columns.
    private static double Side(float[] picture, int column) => Enumerable.Range(0, 4).Average(row => (picture[4 * row + column] + picture[4 * row + column + 1]) / 2);

    private static ConditionsRow Row(int row) => Scaled(row, 1);

    private static ConditionsRow Scaled(int row, float scale)
    {
        bool left = row % 2 == 0;
        var noise = new Random(row);
        return new ConditionsRow
        {
            Seed = row,
            Scale = scale,
            Picture = [.. Enumerable.Range(0, 16).Select(i => (i % 4 < 2 == left ? 200f : 0) + 50 * noise.NextSingle())],
            Mask = left ? [1, 0, 1, 0] : [0, 1, 0, 1],
            Class = (uint)row % 3,
            Flag = left,
            Number = row % 5,
            Vector = [row % 2, 1],
            Sequence = [1, 2, row % 4 == 1 ? float.NaN : row % 3, 4],
            Text = left ? "bright at the left" : "right",
        };
    }

    private sealed class ConditionsRow
    {
        public int Seed { get; set; }

        public float Scale { get; set; } = 1;

        [VectorType(1, 4, 4)]
        public float[] Picture { get; set; } = new float[16];

        [VectorType(1, 2, 2)]
        public float[] Mask { get; set; } = [float.NaN, float.NaN, float.NaN, float.NaN];

        // ML.NET counts such members from 0; what is beyond the last class is missing.
        [KeyType(3)]
        public uint Class { get; set; } = 3;

        public bool Flag { get; set; }

        public float Number { get; set; } = float.NaN;

        [VectorType(2)]
        public float[] Vector { get; set; } = [float.NaN, float.NaN];

        [VectorType(2, 2)]
        public float[] Sequence { get; set; } = [float.NaN, float.NaN, float.NaN, float.NaN];

        public string Text { get; set; } = "";
    }
}
