using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Makes a model from what a model file holds.</summary>
internal static class DenoiserModelLoader
{
    /// <summary>Reads the weights of a model.</summary>
    /// <param name="spec">What was trained.</param>
    /// <param name="weights">The weights: a safetensors stream.</param>
    /// <param name="device">The device for them.</param>
    /// <param name="map">Where the stream has each parameter; under its own name where null.</param>
    public static DenoiserModel Load(DenoiserSpec spec, Stream weights, Device device, WeightMap? map = null)
    {
        var inventory = spec.Network.ListParameters(spec.Shape, spec.Conditions);
        return Load(spec, SafetensorsParameters.Load(weights, inventory, device, Precision.Float32, map: map));
    }

    /// <summary>Puts weights that were read into a model.</summary>
    /// <param name="spec">What was trained.</param>
    /// <param name="parameters">The weights, which the model takes over.</param>
    public static DenoiserModel Load(DenoiserSpec spec, FlatParameters parameters)
    {
        try
        {
            return new DenoiserModel(spec, new NetworkDenoiser(spec.Network, spec.Shape, spec.Parameterization, parameters, spec.Conditions, spec.LevelInput));
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }
}
