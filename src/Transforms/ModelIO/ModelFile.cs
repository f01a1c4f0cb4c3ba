using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Saves and loads models with ML.NET's own means.</summary>
internal static class ModelFile
{
    /// <summary>Saves a model and the schema of its input.</summary>
    public static void Save(IHostEnvironment environment, ITransformer model, DataViewSchema inputSchema, Stream stream)
        => new ModelOperationsCatalog(environment).Save(model, inputSchema, stream);

    /// <summary>Loads a model.</summary>
    public static ITransformer Load(IHostEnvironment environment, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ModelOperationsCatalog(environment).Load(path, out _);
    }
}
