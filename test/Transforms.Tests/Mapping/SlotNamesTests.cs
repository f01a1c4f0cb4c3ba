using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Samples have the slot names of the data, through training, edits, saving and loading.</summary>
[TestClass]
public sealed class SlotNamesTests
{
    private static readonly string[] s_names = ["Age", "Income", "Größe, \"m\"", "a b"];

    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void Samples_DataWithSlotNames_HaveThemBeforeAndAfterLoading()
    {
        var data = Data();
        var t = _ml.Diffusion().Transforms;
        var model = t.NoiseSchedule("Features").Append(new TestDenoiser(_ml, "Features")).Append(t.Sampler("Sample", new() { Steps = 2 }))
            .Append(t.ImageToImage("Varied", "Features", new() { Steps = 5 })).Append(t.Invert("Latent", "Features", new() { Steps = 2 })).Fit(data);
        var loaded = EstimatorChecks.Reload(_ml, model, data.Schema);
        foreach (var transformer in new[] { model, loaded })
        {
            var schema = transformer.GetOutputSchema(data.Schema);
            foreach (string column in new[] { "NoisedFeatures", "Denoised", "Sample", "Varied", "Latent" })
                Assert.AreSequenceEqual(s_names, Names(schema[column]), column);
        }
        // Without the data, as in generation.
        var generator = EstimatorChecks.Reload(_ml, t.NoiseSchedule("Features").Append(new TestDenoiser(_ml, "Features")).Append(t.Sampler("Sample", new() { Steps = 2 })).Fit(data), data.Schema);
        Assert.AreSequenceEqual(s_names, Names(generator.GetOutputSchema(_ml.Diffusion().Data.Rows(1).Schema)["Sample"]));
    }

    [TestMethod]
    public void Estimators_DataWithSlotNames_PromiseThem()
    {
        var data = Data();
        var t = _ml.Diffusion().Transforms;
        EstimatorChecks.Run(_ml, t.NoiseSchedule("Features"), data);
        var denoised = t.NoiseSchedule("Features").Append(new TestDenoiser(_ml, "Features")).Fit(data).Transform(data);
        EstimatorChecks.Run(_ml, t.Sampler("Sample", new() { Steps = 2 }), denoised);
        EstimatorChecks.Run(_ml, t.Guidance(new UniversalGuidance(KnownGuidanceObjectives.MatchUnderMask("Features", "Mask"))), denoised);
    }

    private IDataView Data()
    {
        var points = Point.Load(_ml, 10);
        var schema = new DataViewSchema.Annotations.Builder();
        schema.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, s_names.Length), (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)(
            (ref VBuffer<ReadOnlyMemory<char>> names) => names = new(s_names.Length, [.. s_names.Select(name => name.AsMemory())])));
        return _ml.Transforms.CustomMapping<Point, Features>((from, to) => to.Values = from.X, null, outputSchemaDefinition: Definition(schema.ToAnnotations())).Fit(points).Transform(points);
    }

    private static SchemaDefinition Definition(DataViewSchema.Annotations names)
    {
        var definition = SchemaDefinition.Create(typeof(Features));
        VBuffer<ReadOnlyMemory<char>> values = default;
        names.GetValue("SlotNames", ref values);
        definition[0].AddAnnotation("SlotNames", values, new VectorDataViewType(TextDataViewType.Instance, s_names.Length));
        return definition;
    }

    private static string[] Names(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        Assert.IsTrue(column.HasSlotNames(), $"{column.Name} has no slot names");
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    private sealed class Features
    {
        [ColumnName("Features")]
        [VectorType(4)]
        public float[] Values { get; set; } = [];
    }
}
