namespace Microsoft.ML.Diffusion;

/// <summary>What both architectures are told about a row: its noise level and its conditions, added up in one vector.</summary>
internal static class LevelEmbedding
{
    // ln(σ/α)/4 spans about ±1.5 where data is decided: 30 resolves a twentieth of that.
    private const double MaxFrequency = 30;

    /// <summary>SiLU of [B, width]: two layers over sinusoids of the level, plus an embedding for each condition.</summary>
    public static T Build<T>(IOps<T> ops, T level, IReadOnlyList<Condition<T>> conditions, int features, int width)
    {
        var sinusoids = ops.ToWorking(ops.Sinusoids(level, features, MaxFrequency));
        var sum = ops.Linear(ops.Silu(ops.Linear(sinusoids, "time_embedding.linear_1", width)), "time_embedding.linear_2", width);
        for (int i = 0; i < conditions.Count; i++)
            sum = ops.Add(sum, Embed(ops, conditions[i], $"condition_embedding.{i}", width));
        return ops.Silu(sum);
    }

    /// <summary>What a condition adds to the vector: [B, width].</summary>
    public static T Embed<T>(IOps<T> ops, Condition<T> condition, string name, int width) => condition.Slot switch
    {
        // Row 0 stands for: unconditional.
        ClassCondition classes => ops.Embedding(condition.Value, name, classes.Count + 1, width),
        // A missing vector is zeros and Present 0: the bias becomes what is learned for it.
        VectorCondition or AugmentationCondition => ops.Linear(ops.ToWorking(ops.Concat(condition.Value, condition.Present)), name, width),
        // As one long vector: where tokens matter by what they say and not by their place, cross attention is for them.
        SequenceCondition => ops.Linear(ops.ToWorking(ops.Concat(ops.Reshape(condition.Value, condition.Slot.Width), condition.Present)), name, width),
        _ => throw new NotSupportedException($"A network can not take a condition of type {condition.Slot.GetType().Name}."),
    };
}
