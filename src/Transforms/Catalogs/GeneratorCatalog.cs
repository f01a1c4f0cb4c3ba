using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Saves generators: the part of a trained pipeline that makes samples, with the schema of the conditions that it needs.</summary>
/// <remarks>
/// Any ML.NET app that has the package Microsoft.ML.Diffusion.Transforms loads them with <c>ml.Model.Load</c>. Steps that were appended with
/// <c>TransformerScope.TrainTest</c> are left out. The schema does not name the seed column: rows may have one, of any integer type, or none. Only where
/// there are no conditions it is the schema's one column, an Int64, because ML.NET saves no empty schema.
/// </remarks>
public static class GeneratorCatalog
{
    /// <summary>Saves the generator of a model that was fitted in this process.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The fitted pipeline, with a sampler.</param>
    /// <param name="path">The file; written as a whole or not at all, so that a failure leaves an older one as it was.</param>
    /// <exception cref="ArgumentException">The model has no sampler.</exception>
    /// <exception cref="InvalidOperationException">The model was loaded, or its scoring steps need columns that generation does not have.</exception>
    /// <exception cref="IOException">The file can not be written.</exception>
    public static void SaveGenerator(this DiffusionCatalog catalog, ITransformer model, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var generator = Generator.Of(model);
        Save(catalog, generator, generator.FindSchema(), path);
    }

    /// <summary>Saves the generator of any model.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model, with a sampler.</param>
    /// <param name="inputSchema">A schema of the model's input; columns that samples do not depend on are left out.</param>
    /// <param name="path">The file; written as a whole or not at all, so that a failure leaves an older one as it was.</param>
    /// <exception cref="ArgumentException">The model has no sampler, or does not run on the schema.</exception>
    /// <exception cref="IOException">The file can not be written.</exception>
    public static void SaveGenerator(this DiffusionCatalog catalog, ITransformer model, DataViewSchema inputSchema, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var generator = Generator.Of(model);
        Save(catalog, generator, generator.Restrict(inputSchema), path);
    }

    /// <summary>Saves the generator of a model that was fitted in this process.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The fitted pipeline, with a sampler.</param>
    /// <param name="stream">The stream to write to; it is left open, and flushed.</param>
    /// <exception cref="ArgumentException">The model has no sampler.</exception>
    /// <exception cref="InvalidOperationException">The model was loaded, or its scoring steps need columns that generation does not have.</exception>
    /// <exception cref="IOException">The stream did not take all of the generator.</exception>
    public static void SaveGenerator(this DiffusionCatalog catalog, ITransformer model, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(stream);
        var generator = Generator.Of(model);
        ModelFile.Save(catalog.Environment, generator.Model, generator.FindSchema(), stream);
    }

    /// <summary>Saves the generator of any model.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model, with a sampler.</param>
    /// <param name="inputSchema">A schema of the model's input; columns that samples do not depend on are left out.</param>
    /// <param name="stream">The stream to write to; it is left open, and flushed.</param>
    /// <exception cref="ArgumentException">The model has no sampler, or does not run on the schema.</exception>
    /// <exception cref="IOException">The stream did not take all of the generator.</exception>
    public static void SaveGenerator(this DiffusionCatalog catalog, ITransformer model, DataViewSchema inputSchema, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(stream);
        var generator = Generator.Of(model);
        ModelFile.Save(catalog.Environment, generator.Model, generator.Restrict(inputSchema), stream);
    }

    private static void Save(DiffusionCatalog catalog, Generator generator, DataViewSchema schema, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ModelFile.Save(catalog.Environment, generator.Model, schema, path);
    }
}
