namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The columns of a classifier.</summary>
/// <param name="Data">The data column it was trained on; classified as clean where there is no noised data.</param>
/// <param name="Noised">The column with noised data, which it classifies where present.</param>
/// <param name="Level">The column with the time and level of the noised data.</param>
/// <param name="Label">The label column it was trained on.</param>
/// <param name="PredictedLabel">The output column with the likeliest label: a key.</param>
/// <param name="Score">The output column with the probability of each label.</param>
public sealed record ClassifierColumns(
    string Data,
    string Noised,
    string Level,
    string Label,
    string PredictedLabel = ClassifierColumns.DefaultPredictedLabel,
    string Score = ClassifierColumns.DefaultScore)
{
    /// <summary>The name of the column with the likeliest label unless another is given.</summary>
    public const string DefaultPredictedLabel = "PredictedLabel";

    /// <summary>The name of the column with probabilities unless another is given.</summary>
    public const string DefaultScore = "Score";
}
