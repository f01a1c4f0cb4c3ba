using System.Runtime.CompilerServices;
using Microsoft.ML.Diffusion.Trainers;

namespace Microsoft.ML.Diffusion;

/// <summary>The trainers of <c>mlContext.Diffusion().Trainers</c>.</summary>
public static class TrainersCatalogExtensions
{
    /// <summary>Trains a network to denoise a column.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="columnName">The column of clean data: a known-size vector of Single, for which a noise schedule was made.</param>
    /// <param name="conditionColumn">
    /// What samples shall depend on: a key, Boolean, Single, known-size vector of Single (with two dimensions a sequence, with three, for
    /// pictures, a picture) or of keys (tokens); none where null.
    /// </param>
    /// <param name="options">How to train; the defaults where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; names it.</exception>
    public static DenoiserTrainer Denoiser(
        this DiffusionTrainersCatalog catalog, string columnName, string? conditionColumn = null, DenoiserTrainer.Options? options = null)
        => Denoiser(catalog, columnName, conditionColumn is null ? [] : [conditionColumn], options);

    /// <summary>Trains a network to denoise a column, without conditions.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="columnName">The column of clean data: a known-size vector of Single, for which a noise schedule was made.</param>
    /// <param name="options">How to train; the defaults where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; names it.</exception>
    // new() { … } could be anything: here it is options.
    [OverloadResolutionPriority(1)]
    public static DenoiserTrainer Denoiser(this DiffusionTrainersCatalog catalog, string columnName, DenoiserTrainer.Options? options)
        => Denoiser(catalog, columnName, [], options);

    /// <summary>
    /// Trains a classifier of a column at every noise level, for classifier guidance (Dhariwal and Nichol 2021, arXiv:2105.05233).
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="columnName">The column of clean data: a known-size vector of Single, for which a noise schedule was made.</param>
    /// <param name="labelColumn">The label: a key.</param>
    /// <param name="options">How to train; the defaults where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; names it.</exception>
    public static NoisyClassifierTrainer NoisyClassifier(
        this DiffusionTrainersCatalog catalog, string columnName, string labelColumn, NoisyClassifierTrainer.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new NoisyClassifierTrainer(catalog.Environment, columnName, labelColumn, options);
    }

    /// <summary>
    /// Trains encoders of a column and of its condition into one space, as CLIP does (Radford et al. 2021, arXiv:2103.00020).
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="columnName">The column of clean data: a known-size vector of Single, for which a noise schedule was made.</param>
    /// <param name="conditionColumn">What belongs to a sample: a key, Boolean, Single, known-size vector of Single, or tokens.</param>
    /// <param name="options">How to train; the defaults where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; names it.</exception>
    public static ContrastiveTrainer Contrastive(
        this DiffusionTrainersCatalog catalog, string columnName, string conditionColumn, ContrastiveTrainer.Options? options = null)
        => Contrastive(catalog, columnName, [conditionColumn], options);

    /// <summary>
    /// Trains encoders of a column and of its conditions, several together, into one space, as CLIP does (Radford et al. 2021,
    /// arXiv:2103.00020).
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="columnName">The column of clean data: a known-size vector of Single, for which a noise schedule was made.</param>
    /// <param name="conditionColumns">
    /// What belongs to a sample: keys, Booleans, Singles, known-size vectors of Single, or tokens; at least one.
    /// </param>
    /// <param name="options">How to train; the defaults where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; names it.</exception>
    public static ContrastiveTrainer Contrastive(
        this DiffusionTrainersCatalog catalog, string columnName, IReadOnlyList<string> conditionColumns, ContrastiveTrainer.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new ContrastiveTrainer(catalog.Environment, columnName, conditionColumns, options);
    }

    /// <summary>Trains a network to denoise a column, with several conditions.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="columnName">The column of clean data: a known-size vector of Single, for which a noise schedule was made.</param>
    /// <param name="conditionColumns">
    /// What samples shall depend on: keys, Booleans, Singles, known-size vectors of Single (with two dimensions sequences, with three,
    /// for pictures, pictures) or
    /// of keys (tokens).
    /// </param>
    /// <param name="options">How to train; the defaults where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; names it.</exception>
    public static DenoiserTrainer Denoiser(
        this DiffusionTrainersCatalog catalog, string columnName, IReadOnlyList<string> conditionColumns, DenoiserTrainer.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new DenoiserTrainer(catalog.Environment, columnName, conditionColumns, options);
    }
}
