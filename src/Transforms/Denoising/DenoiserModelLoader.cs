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
        return Load(spec, Parameters(spec, weights, device, map));
    }

    /// <summary>Reads one set of weights.</summary>
    public static FlatParameters Parameters(DenoiserSpec spec, Stream weights, Device device, WeightMap? map = null)
        => SafetensorsParameters.Load(weights, spec.Network.ListParameters(spec.Shape, spec.Conditions), device, Precision.Float32, map: map);

    /// <summary>Puts weights that were read into a model.</summary>
    /// <param name="spec">What was trained.</param>
    /// <param name="members">The weights, which the model takes over; several for an ensemble.</param>
    public static DenoiserModel Load(DenoiserSpec spec, params IReadOnlyList<FlatParameters> members)
    {
        try
        {
            return new DenoiserModel(spec, [.. members.Select(parameters => new NetworkDenoiser(spec.Network, spec.Shape, spec.Parameterization, parameters, spec.Conditions, spec.LevelInput))]);
        }
        catch
        {
            foreach (var parameters in members)
                parameters.Dispose();
            throw;
        }
    }
}
