using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>What every estimator of ML.NET must fulfil: a port of the checks by which ML.NET tests its own.</summary>
public static class EstimatorChecks
{
    /// <summary>Runs all checks.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="estimator">The estimator.</param>
    /// <param name="data">Data that it takes.</param>
    /// <param name="invalid">Data that it must refuse; null where it takes any.</param>
    /// <param name="canTransformInvalid">Whether the fitted transformer takes the invalid data nevertheless, as for generation.</param>
    public static void Run(MLContext ml, IEstimator<ITransformer> estimator, IDataView data, IDataView? invalid = null, bool canTransformInvalid = false)
    {
        var promised = estimator.GetOutputSchema(Shapes.Of(data.Schema));
        if (invalid is not null)
        {
            MustFail(() => estimator.GetOutputSchema(Shapes.Of(invalid.Schema)), "GetOutputSchema(SchemaShape) of invalid data");
            MustFail(() => estimator.Fit(invalid), "Fit of invalid data");
        }

        var fitted = estimator.Fit(data);
        var loaded = Reload(ml, fitted, data.Schema);
        var schema = fitted.GetOutputSchema(data.Schema);
        Assert.IsTrue(fitted.IsRowToRowMapper);
        var mapper = fitted.GetRowToRowMapper(data.Schema);
        Assert.AreSame(data.Schema, mapper.InputSchema);
        SameSchema(schema, mapper.OutputSchema);
        SameSchema(schema, loaded.GetOutputSchema(data.Schema));
        SameSchema(schema, fitted.Transform(data).Schema);
        SameSchema(schema, loaded.Transform(data).Schema);
        ViewChecks.SameValues(fitted.Transform(data), loaded.Transform(data));
        if (invalid is not null && !canTransformInvalid)
        {
            foreach (var transformer in new[] { fitted, loaded })
            {
                MustFail(() => transformer.GetOutputSchema(invalid.Schema), "GetOutputSchema of invalid data");
                MustFail(() => transformer.Transform(invalid), "Transform of invalid data");
            }
        }
        KeepsPromise(promised, Shapes.Of(schema));
        (loaded as IDisposable)?.Dispose();
        (fitted as IDisposable)?.Dispose();
    }

    /// <summary>Saves and loads a model.</summary>
    public static ITransformer Reload(MLContext ml, ITransformer model, DataViewSchema schema)
    {
        using var stream = new MemoryStream();
        ml.Model.Save(model, schema, stream);
        stream.Position = 0;
        return ml.Model.Load(stream, out _);
    }

    private static void KeepsPromise(SchemaShape promised, SchemaShape delivered)
    {
        var promises = promised.OrderBy(column => column.Name).ToArray();
        var deliveries = delivered.OrderBy(column => column.Name).ToArray();
        Assert.AreEqual(string.Join(", ", promises.Select(column => column.Name)), string.Join(", ", deliveries.Select(column => column.Name)));
        for (int i = 0; i < promises.Length; i++)
        {
            Assert.IsTrue(Shapes.IsCompatible(promises[i], deliveries[i]), $"Column {promises[i].Name}: less is delivered than was promised.");
            Assert.IsTrue(Shapes.IsCompatible(deliveries[i], promises[i]), $"Column {promises[i].Name}: more is delivered than was promised.");
        }
    }

    private static void SameSchema(DataViewSchema expected, DataViewSchema actual)
    {
        Assert.HasCount(expected.Count, actual);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.AreEqual(expected[i].Name, actual[i].Name);
            Assert.AreEqual(expected[i].Type, actual[i].Type);
            Assert.AreEqual(
                string.Join(", ", expected[i].Annotations.Schema.Select(annotation => annotation.Name)),
                string.Join(", ", actual[i].Annotations.Schema.Select(annotation => annotation.Name)));
        }
    }

    private static void MustFail(Action action, string what)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or InvalidOperationException)
        {
            return;
        }
        Assert.Fail($"{what} did not fail.");
    }
}
