using System.IO.Compression;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Saves and loads models with ML.NET's own means, and makes sure that they were saved.</summary>
internal static class ModelFile
{
    /// <summary>Saves a model and the schema of its input to a stream.</summary>
    /// <exception cref="IOException">The stream did not take all of it.</exception>
    public static void Save(IHostEnvironment environment, ITransformer model, DataViewSchema? inputSchema, Stream stream)
    {
        // ML.NET's writer catches, and forgets, what fails when the archive is closed: the last entry, and the directory without which nothing can be read.
        var faithful = new FaithfulStream(stream);
        new ModelOperationsCatalog(environment).Save(model, inputSchema, faithful);
        faithful.Complete();
        if (!faithful.Tail.StartsWith(ZipDirectory.EndSignature))
            throw new IOException("The model was not written completely: the archive has no directory.");
    }

    /// <summary>Saves a model and the schema of its input to a file, as a whole or not at all.</summary>
    /// <exception cref="IOException">The file can not be written; an older one is as it was.</exception>
    public static void Save(IHostEnvironment environment, ITransformer model, DataViewSchema? inputSchema, string path) => AtomicFile.Write(path, stream =>
    {
        Save(environment, model, inputSchema, stream);
        stream.Position = 0;
        using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        if (archive.Entries.Count == 0)
            throw new IOException("the archive is empty.");
    });

    /// <summary>Loads a model.</summary>
    /// <exception cref="FormatException">The file holds none that can be loaded; names the file and says why.</exception>
    /// <exception cref="IOException">The file can not be read.</exception>
    public static ITransformer Load(IHostEnvironment environment, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = RegularFile.Open(path);
        return Load(environment, stream, path, out _);
    }

    /// <summary>Loads a model for somebody who takes it over; it is disposed where that fails.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="path">The file.</param>
    /// <param name="take">Takes the model over, or throws.</param>
    /// <inheritdoc cref="Load(IHostEnvironment, string)" path="/exception"/>
    public static TTaken Load<TTaken>(IHostEnvironment environment, string path, Func<ITransformer, TTaken> take)
    {
        var model = Load(environment, path);
        try
        {
            return take(model);
        }
        catch
        {
            (model as IDisposable)?.Dispose();
            throw;
        }
    }

    /// <summary>Loads a model of an open file.</summary>
    /// <inheritdoc cref="Load(IHostEnvironment, string)" path="/exception"/>
    public static ITransformer Load(IHostEnvironment environment, Stream stream, string path, out DataViewSchema? inputSchema)
    {
        try
        {
            var model = new ModelOperationsCatalog(environment).Load(stream, out var schema);
            inputSchema = schema;
            return model;
        }
        catch (Exception exception) when (IsOfContent(exception))
        {
            throw new FormatException($"The model file '{path}' can not be loaded: {(exception is TargetInvocationException ? exception.InnerException! : exception).Message}", exception);
        }
    }

    // What ML.NET, the zip reader and the runtime throw at bytes that are no model. Missing libraries, consent and disks that fail are said by themselves.
    private static bool IsOfContent(Exception exception) => exception switch
    {
        TargetInvocationException { InnerException: { } inner } => IsOfContent(inner),
        FormatException or InvalidDataException or EndOfStreamException or InvalidOperationException or ArgumentException or NotSupportedException or ArithmeticException
            or IndexOutOfRangeException or InvalidCastException or NullReferenceException or KeyNotFoundException => true,
        _ => false,
    };
}
