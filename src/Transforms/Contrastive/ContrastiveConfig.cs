namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A pair of encoders as model files keep it.</summary>
/// <param name="DataEncoder">The encoder of the data.</param>
/// <param name="ConditionEncoder">The encoder of its conditions, in the same space.</param>
/// <param name="Scale">The factor of the cosines that training learned: the logits of a contrast are so many times them.</param>
/// <param name="Spec">The noisy data that they were trained on.</param>
/// <param name="Columns">Their columns.</param>
/// <param name="UnknownValues">What becomes of values of the conditions that the encoder does not know.</param>
internal sealed record ContrastiveConfig(IEncoder DataEncoder, TrainedConditionEncoder ConditionEncoder, double Scale, NoisyDataSpec Spec, ContrastiveColumns Columns, UnknownValues UnknownValues = UnknownValues.Error);
