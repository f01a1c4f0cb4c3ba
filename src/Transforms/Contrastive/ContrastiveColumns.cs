namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The columns of a pair of encoders.</summary>
/// <param name="Data">The data column they were trained on; encoded as clean where there is no noised data.</param>
/// <param name="Noised">The column with noised data, which is encoded where present.</param>
/// <param name="Level">The column with the time and level of the noised data.</param>
/// <param name="Conditions">The condition columns.</param>
/// <param name="DataEmbedding">The output column with the vector of the data.</param>
/// <param name="ConditionEmbedding">The output column with the vector of the conditions.</param>
public sealed record ContrastiveColumns(
    string Data,
    string Noised,
    string Level,
    IReadOnlyList<string> Conditions,
    string DataEmbedding = ContrastiveColumns.DefaultDataEmbedding,
    string ConditionEmbedding = ContrastiveColumns.DefaultConditionEmbedding)
{
    /// <summary>
    /// The columns that the keys of the conditions were mapped from in training, one for each, by which a value that the model does not know is told from a missing one. Where that is not known, and for
    /// conditions without keys, the column that the condition hides. Found by Fit.
    /// </summary>
    public IReadOnlyList<KeySource>? ConditionSources { get; init; }

    /// <summary>The name of the column with the vector of the data unless another is given.</summary>
    public const string DefaultDataEmbedding = "DataEmbedding";

    /// <summary>The name of the column with the vector of the conditions unless another is given.</summary>
    public const string DefaultConditionEmbedding = "ConditionEmbedding";
}
