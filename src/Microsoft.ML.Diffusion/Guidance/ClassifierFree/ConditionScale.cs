namespace Microsoft.ML.Diffusion;

/// <summary>A scale for one condition of a model.</summary>
/// <param name="Condition">The name of the condition.</param>
/// <param name="Scale">0: it is ignored; 1: as the model has it; larger: it weighs more. Finite.</param>
public sealed record ConditionScale(string Condition, double Scale)
{
    /// <summary>The name of the condition.</summary>
    public string Condition { get; } = Condition is { Length: > 0 } ? Condition : throw new ArgumentException("The condition must have a name.", nameof(Condition));

    /// <summary>The scale.</summary>
    public double Scale { get; } = GuidanceScale.Check(Scale, $"The scale of condition '{Condition}'");
}
