using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Saves models so that a failure is noticed and costs no older file; checks model files before anything is made of them.</summary>
/// <remarks>The files are ML.NET's: what is saved here, <c>ml.Model.Load</c> loads, and what <c>ml.Model.Save</c> saved is checked and loaded here.</remarks>
public static class ModelFileCatalog
{
    /// <summary>Saves any model.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model: a fitted pipeline or one transformer.</param>
    /// <param name="inputSchema">The schema of its input; null for none.</param>
    /// <param name="path">The file. It is written as a whole or not at all: a failure leaves an older one as it was, where <c>ml.Model.Save</c> empties it first.</param>
    /// <exception cref="IOException">The file can not be written.</exception>
    public static void SaveModel(this DiffusionCatalog catalog, ITransformer model, DataViewSchema? inputSchema, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelFile.Save(catalog.Environment, model, inputSchema, path);
    }

    /// <summary>Saves any model.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">The model: a fitted pipeline or one transformer.</param>
    /// <param name="inputSchema">The schema of its input; null for none.</param>
    /// <param name="stream">The stream to write to; it is left open, and flushed. A failure of its last writes is reported, which <c>ml.Model.Save</c> does not.</param>
    /// <exception cref="IOException">The stream did not take all of the model.</exception>
    public static void SaveModel(this DiffusionCatalog catalog, ITransformer model, DataViewSchema? inputSchema, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(stream);
        ModelFile.Save(catalog.Environment, model, inputSchema, stream);
    }

    /// <summary>Checks a model file before it is loaded, by its directory and the headers of its parts alone; nothing is unpacked to disk and nothing is made of it.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file.</param>
    /// <param name="limits">What is accepted; <see cref="ModelFileLimits.Default"/> where null.</param>
    /// <returns>What the file says it holds.</returns>
    /// <exception cref="FormatException">The file is no archive, is larger than accepted, or names a loader that is not accepted; names the file and says which.</exception>
    /// <exception cref="IOException">The file can not be read.</exception>
    public static ModelFileContent CheckModel(this DiffusionCatalog catalog, string path, ModelFileLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = RegularFile.Open(path);
        return CheckModel(catalog, stream, path, limits);
    }

    /// <summary>Checks a model before it is loaded; see <see cref="CheckModel(DiffusionCatalog, string, ModelFileLimits?)"/>.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="stream">The model, from the stream's position to its end; it can seek, and is left where it was.</param>
    /// <param name="limits">What is accepted; <see cref="ModelFileLimits.Default"/> where null.</param>
    /// <inheritdoc cref="CheckModel(DiffusionCatalog, string, ModelFileLimits?)" path="/returns"/>
    /// <inheritdoc cref="CheckModel(DiffusionCatalog, string, ModelFileLimits?)" path="/exception"/>
    public static ModelFileContent CheckModel(this DiffusionCatalog catalog, Stream stream, ModelFileLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
            throw new ArgumentException("A model is checked in a stream that can seek: copy it to a file first.", nameof(stream));
        return new ModelFileCheck(catalog.Environment, limits ?? ModelFileLimits.Default).Run(stream);
    }

    /// <summary>Checks a model file and loads it, without letting go of it in between.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file.</param>
    /// <param name="inputSchema">The schema of its input; null where the file has none.</param>
    /// <param name="limits">What is accepted; <see cref="ModelFileLimits.Default"/> where null.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="FormatException">The file is not accepted, or damaged; names it and says why.</exception>
    /// <exception cref="IOException">The file can not be read.</exception>
    public static ITransformer LoadModel(this DiffusionCatalog catalog, string path, out DataViewSchema? inputSchema, ModelFileLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = RegularFile.Open(path);
        CheckModel(catalog, stream, path, limits);
        return ModelFile.Load(catalog.Environment, stream, path, out inputSchema);
    }

    private static ModelFileContent CheckModel(DiffusionCatalog catalog, Stream stream, string path, ModelFileLimits? limits)
    {
        try
        {
            return CheckModel(catalog, stream, limits);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"'{path}': {exception.Message}", exception);
        }
    }
}
