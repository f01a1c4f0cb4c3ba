using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Makes a model of what was trained.</summary>
internal static class TrainedModel
{
    public static DenoiserModel Create(DenoiserSpec spec, FlatParameters parameters)
    {
        var denoiser = new NetworkDenoiser(spec.Network, spec.Shape, spec.Parameterization, parameters, spec.Conditions);
        return new DenoiserModel(spec, denoiser);
    }
}
