namespace Microsoft.ML.Diffusion;

/// <summary>Further values of a model's conditions, which join a row's own in a composition.</summary>
/// <param name="Name">What it is, unique within the composition.</param>
/// <param name="Conditions">The names of the conditions that rows give values for; the others are missing in this term.</param>
/// <param name="Weight">How much the term counts; negative for what is not wanted. Finite; rows may give their own. 1 unless given.</param>
public sealed record ConditionTerm(string Name, IReadOnlyList<string> Conditions, double Weight = 1)
{
    /// <summary>What it is.</summary>
    public string Name { get; } = Name is { Length: > 0 } ? Name : throw new ArgumentException("The term must have a name.", nameof(Name));

    /// <summary>The names of its conditions.</summary>
    public IReadOnlyList<string> Conditions { get; } = Conditions is { Count: > 0 } ? [.. Conditions] : throw new ArgumentException($"The term '{Name}' must name at least one condition.", nameof(Conditions));

    /// <summary>How much the term counts.</summary>
    public double Weight { get; } = GuidanceScale.Check(Weight, $"The weight of term '{Name}'");

    /// <summary>The name of the input with each row's own weight of a term.</summary>
    /// <param name="term">The name of the term.</param>
    public static string WeightInputOf(string term) => $"Weight of {term}";

    /// <summary>The name of the input with each row's value of a condition in a term.</summary>
    /// <param name="term">The name of the term.</param>
    /// <param name="condition">The name of the condition.</param>
    public static string ValueInputOf(string term, string condition) => $"{condition} of {term}";
}
