using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>The ways in which users put training and preparation together.</summary>
[TestClass]
public class UserPatternTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void PreparedApart_SavedAndLoaded_GivesTheSameSamples()
    {
        var data = Points.Load(_ml);
        var prepared = _ml.Transforms.Conversion.MapValueToKey("Cloud").Fit(data);
        using var model = Chain().Fit(prepared.Transform(data));
        var queries = prepared.Transform(Points.Queries(_ml, 20));
        var expected = Points.Samples(_ml, model.Transform(queries));

        using var file = new MemoryStream();
        _ml.Model.Save(model, prepared.GetOutputSchema(data.Schema), file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        AssertSame(expected, Points.Samples(_ml, loaded.Transform(queries)));
    }

    [TestMethod]
    public void OneChain_PreparationForTrainingOnly_GeneratesWithoutIt()
    {
        var data = Points.Load(_ml);
        var chain = _ml.Transforms.Conversion.MapValueToKey("Cloud")
            .Append(_ml.Transforms.CopyColumns("Data", "Point"), TransformerScope.TrainTest)
            .Append(_ml.Diffusion().Transforms.NoiseSchedule("Data"))
            .Append(_ml.Diffusion().Trainers.Denoiser("Data", conditionColumn: "Cloud", Points.Options(10)))
            .Append(_ml.Diffusion().Transforms.Sampler("Sample"));
        using var model = chain.Fit(data);
        Generate(model);
    }

    [TestMethod]
    public void OneChain_Guided_Generates()
    {
        using var model = _ml.Transforms.Conversion.MapValueToKey("Cloud").Append(Chain()).Fit(Points.Load(_ml));
        Generate(model);
    }

    [TestMethod]
    public void Transform_WithNoisedData_AddsDenoisedData()
    {
        var data = Points.Load(_ml, 40);
        using var model = _ml.Transforms.Conversion.MapValueToKey("Cloud").Append(Chain()).Fit(data);
        var denoised = Points.Samples(_ml, model.Transform(data), "Denoised");
        Assert.HasCount(40, denoised);
        Assert.IsTrue(denoised.All(row => row.All(float.IsFinite)));
    }

    private EstimatorChain<Transforms.SamplerTransformer> Chain()
    {
        var d = _ml.Diffusion();
        return d.Transforms.NoiseSchedule("Point")
            .Append(d.Trainers.Denoiser("Point", conditionColumn: "Cloud", Points.Options(10)))
            .Append(d.Transforms.ClassifierFreeGuidance(scale: 2))
            .Append(d.Transforms.Sampler("Sample", new() { Steps = 5 }));
    }

    // Saved as a generator, loaded elsewhere, one row at a time or many.
    private void Generate(ITransformer model)
    {
        using var file = new MemoryStream();
        _ml.Diffusion().SaveGenerator(model, file);
        file.Position = 0;
        var ml = new MLContext(seed: 1);
        var loaded = ml.Model.Load(file, out var schema);
        Assert.Contains("Cloud", schema.Select(column => column.Name));
        var samples = Points.Samples(ml, loaded.Transform(Points.Queries(ml, 20)));
        using var engine = ml.Model.CreatePredictionEngine<PointQuery, PointSample>(loaded);
        var one = engine.Predict(new PointQuery { Cloud = "right", Seed = 7 });
        // A batch of one row sums its products in another order than one of sixteen: equal to the rounding of single precision, and not bit by bit on every processor.
        for (int i = 0; i < one.Sample.Length; i++)
            Assert.AreEqual(samples[7][i], one.Sample[i], Float32Tolerance.OfRun());
    }

    private static void AssertSame(float[][] expected, float[][] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreSequenceEqual(expected[i], actual[i]);
    }
}
