using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The noisy data that a network was trained on: what a classifier or encoder must have in common with the denoiser that it guides.</summary>
/// <remarks>Immutable and thread safe. Stored as JSON in model files.</remarks>
/// <param name="Process">How data is destroyed.</param>
/// <param name="Codec">The way between the user's data and model space.</param>
/// <param name="Shape">The shape of a sample.</param>
public sealed record NoisyDataSpec(IForwardProcess Process, IDataCodec Codec, DataShape Shape)
{
    /// <summary>The level that clean data is taken for: the cleanest of the schedule, which the network was trained on.</summary>
    [JsonIgnore]
    internal NoiseLevel Clean => Process.Schedule.At(Process.Schedule.TimeOf(-2 * Math.Log(Process.Schedule.RatioRange.Smallest)));
}
