using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion;

namespace Quickstart;

/// <summary>Loads a saved model and samples every class it knows.</summary>
internal static class Generation
{
    public static void Run(MLContext ml, Settings settings, OutputFolder output, string modelFile)
    {
        var d = ml.Diffusion();
        ITransformer model = Load(ml, modelFile, out DataViewSchema schema);
        string[] classes = Classes(model, schema, modelFile);

        var watch = Stopwatch.StartNew();
        Query[] queries = [.. from label in classes from i in Enumerable.Range(0, settings.Count) select new Query(label, (uint)(settings.Seed * 1000 + i), settings.Guidance)];
        // Cached: three consumers read these samples, and each reading would generate them anew.
        IDataView samples = ml.Data.Cache(model.Transform(ml.Data.LoadFromEnumerable(queries)), "Label", "Sample");
        d.Images.SaveGrid(samples, "Sample", output.File("samples.png"), new()
        {
            Title = string.Create(CultureInfo.InvariantCulture, $"Samples of every class, guidance {settings.Guidance}"),
            LabelColumn = "Label",
            Limit = queries.Length,
        });
        d.Images.SavePictures(samples, "Sample", output.File("samples"), new() { LabelColumn = "Label" });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{queries.Length} samples in {watch.Elapsed.TotalSeconds:0.0} s"));

        DenoisingPictures.Save(d, model.Transform(ml.Data.LoadFromEnumerable(queries.DistinctBy(query => query.Label).Take(5))), output.File("denoising.png"));
        Console.WriteLine($"Wrote {output.File("samples.png")}, {output.File("denoising.png")} and {output.File("samples")}");
    }

    private static ITransformer Load(MLContext ml, string file, out DataViewSchema schema)
    {
        try
        {
            return ml.Model.Load(file, out schema);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new UserException($"'{file}' can not be loaded as a model: {exception.Message}", exception);
        }
    }

    // The classes are the values of the key that the model was trained on.
    private static string[] Classes(ITransformer model, DataViewSchema schema, string file)
    {
        DataViewSchema outputs = model.GetOutputSchema(schema);
        if (outputs.GetColumnOrNull("Label") is not { } label || outputs.GetColumnOrNull("Sample") is null || !label.HasKeyValues())
            throw new UserException($"'{file}' is a model, but none of this program: it makes no 'Sample' of a 'Label'.");
        VBuffer<ReadOnlyMemory<char>> names = default;
        label.GetKeyValues(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }
}
