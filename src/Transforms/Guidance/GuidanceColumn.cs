namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A column from which a guidance takes one of its inputs for each row.</summary>
/// <param name="Input">The name of the input, one of the guidance's own.</param>
/// <param name="Column">The name of the column; where the data has none, every row takes the guidance's default.</param>
public sealed record GuidanceColumn(string Input, string Column)
{
    /// <summary>The column that the keys of the column were mapped from, by which a value that the model does not know is told from a missing one. Found by Fit; null where there is none.</summary>
    public KeySource? Source { get; init; }
}
