using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Makes a model from what a model file holds.</summary>
internal static class DenoiserModelLoader
{
    /// <summary>Reads the weights of a model.</summary>
    /// <param name="spec">What was trained.</param>
    /// <param name="weights">The weights: a safetensors stream that can seek.</param>
    /// <param name="device">The device for them.</param>
    public static DenoiserModel Load(DenoiserSpec spec, Stream weights, Device device)
    {
        var parameters = FlatParameters.Allocate(spec.Network.ListParameters(spec.Shape, spec.Conditions), device, Precision.Float32, trainable: false);
        try
        {
            WeightsStream.Read(weights, parameters);
            return new DenoiserModel(spec, new NetworkDenoiser(spec.Network, spec.Shape, spec.Parameterization, parameters, spec.Conditions));
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }
}
