namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A column from which a guidance takes an input of its own for each row.</summary>
/// <param name="Column">The name of the column; where the data has none, every row takes the guidance's default.</param>
/// <param name="Input">The numbers of a row that it becomes.</param>
internal sealed record GuidanceColumn(string Column, GuidanceInput Input);
