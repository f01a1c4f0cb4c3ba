namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The columns of a denoiser.</summary>
/// <param name="Data">The data column it was trained on; empty where it was not trained here.</param>
/// <param name="Noised">The column with noised data, which it denoises where present; empty for none.</param>
/// <param name="Level">The column with the time and level of the noised data; empty for none.</param>
/// <param name="Conditions">The condition columns.</param>
/// <param name="Denoiser">The output column that carries the denoiser and the row's packed conditions.</param>
/// <param name="Denoised">The output column with the denoised data, where there is noised data.</param>
public sealed record DenoiserColumns(
    string Data,
    string Noised,
    string Level,
    IReadOnlyList<string> Conditions,
    string Denoiser = DenoiserColumns.DefaultDenoiser,
    string Denoised = DenoiserColumns.DefaultDenoised)
{
    /// <summary>
    /// The columns that the keys of the conditions were mapped from in training, one for each, by which a value that the model does not know is told from a missing one. Where that is not known, and for
    /// conditions without keys, the column that the condition hides. Found by Fit.
    /// </summary>
    public IReadOnlyList<KeySource>? ConditionSources { get; init; }

    /// <summary>The name of the denoiser column unless another is given.</summary>
    public const string DefaultDenoiser = "Denoiser";

    /// <summary>The name of the denoised column unless another is given.</summary>
    public const string DefaultDenoised = "Denoised";
}
