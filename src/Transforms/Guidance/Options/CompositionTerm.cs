namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Further values of a model's conditions, which join a row's own.</summary>
/// <param name="Columns">
/// The columns that give them, of the type of the condition's own column, by the name of the condition; at least one. Conditions without a column are missing in this term; rows without a value go
/// without the term.
/// </param>
/// <param name="Weight">How much the term counts; negative for what is not wanted. Finite. 1 unless given.</param>
/// <param name="WeightColumn">A column of Single with each row's own weight. None unless given.</param>
public sealed record CompositionTerm(IReadOnlyDictionary<string, string> Columns, double Weight = 1, string? WeightColumn = null)
{
    /// <summary>A further value of one condition.</summary>
    /// <param name="condition">The name of the condition.</param>
    /// <param name="column">The column that gives it.</param>
    /// <param name="weight">How much the term counts; negative for what is not wanted.</param>
    /// <param name="weightColumn">A column of Single with each row's own weight.</param>
    public CompositionTerm(string condition, string column, double weight = 1, string? weightColumn = null)
        : this(new Dictionary<string, string> { [condition] = column }, weight, weightColumn)
    {
    }
}
