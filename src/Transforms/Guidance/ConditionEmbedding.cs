namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>An input of a guidance that is the vector of a condition: its column holds the condition itself.</summary>
/// <param name="Input">The name of the input.</param>
/// <param name="Encoder">The encoder of the condition.</param>
internal sealed record ConditionEmbedding(string Input, TrainedConditionEncoder Encoder);
