using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A guidance as model files keep it.</summary>
/// <param name="DenoiserColumn">The column that carries the denoiser before and after.</param>
/// <param name="Guidance">The guidance.</param>
/// <param name="Columns">The columns that it reads.</param>
/// <param name="Embedding">What makes one of the inputs of a condition; none where null.</param>
/// <param name="Codec">The way to the model space in which the guidance's networks were trained; null where that is not known.</param>
internal sealed record GuidanceConfig(string DenoiserColumn, IGuidance Guidance, IReadOnlyList<GuidanceColumn> Columns, ConditionEmbedding? Embedding = null, IDataCodec? Codec = null)
{
    /// <summary>All networks.</summary>
    [JsonIgnore]
    public IEnumerable<TrainedNetwork> Networks => Embedding is null ? Guidance.Networks : [.. Guidance.Networks, Embedding.Encoder.Trained];
}
