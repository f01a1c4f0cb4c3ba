using System.IO.Compression;
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
            throw new IOException($"The model was not written completely to '{path}': its directory is empty.");
    });

    /// <summary>Loads a model.</summary>
    public static ITransformer Load(IHostEnvironment environment, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ModelOperationsCatalog(environment).Load(path, out _);
    }
}
