namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A column from which a guidance takes one of its inputs for each row.</summary>
/// <param name="Input">The name of the input, one of the guidance's own.</param>
/// <param name="Column">The name of the column; where the data has none, every row takes the guidance's default.</param>
public sealed record GuidanceColumn(string Input, string Column);
