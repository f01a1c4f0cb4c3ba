namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Makes a model from what a model file holds.</summary>
internal static class DenoiserModelLoader
{
    /// <summary>Reads the weights of a model and puts them on the CPU.</summary>
    /// <param name="spec">What was trained.</param>
    /// <param name="weights">The weights, a safetensors stream.</param>
    public static DenoiserModel Load(DenoiserSpec spec, Stream weights)
        => throw new NotSupportedException($"Networks of kind {spec.Network.GetType().Name} can not be loaded ({weights.Length} bytes).");
}
