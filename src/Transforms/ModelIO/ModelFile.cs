using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Saves models with ML.NET's own means.</summary>
internal static class ModelFile
{
    /// <summary>Saves a model and the schema of its input.</summary>
    public static void Save(IHostEnvironment environment, ITransformer model, DataViewSchema inputSchema, Stream stream)
        => new ModelOperationsCatalog(environment).Save(model, inputSchema, stream);
}
