using Microsoft.ML.Diffusion.Trainers;

namespace Microsoft.ML.Diffusion;

/// <summary>The trainers of <c>mlContext.Diffusion().Trainers</c>.</summary>
public static class TrainersCatalogExtensions
{
    /// <summary>Trains a network to denoise a column.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="columnName">The column of clean data: a known-size vector of Single, for which a noise schedule was made.</param>
    /// <param name="conditionColumn">A key, Boolean, Single or known-size vector of Single on which samples shall depend; none where null.</param>
    /// <param name="options">How to train; the defaults where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; names it.</exception>
    public static DenoiserTrainer Denoiser(this DiffusionTrainersCatalog catalog, string columnName, string? conditionColumn = null, DenoiserTrainer.Options? options = null)
        => Denoiser(catalog, columnName, conditionColumn is null ? [] : [conditionColumn], options);

    /// <summary>Trains a network to denoise a column, with several conditions.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="columnName">The column of clean data: a known-size vector of Single, for which a noise schedule was made.</param>
    /// <param name="conditionColumns">Keys, Booleans, Singles or known-size vectors of Single on which samples shall depend.</param>
    /// <param name="options">How to train; the defaults where null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; names it.</exception>
    public static DenoiserTrainer Denoiser(this DiffusionTrainersCatalog catalog, string columnName, IReadOnlyList<string> conditionColumns, DenoiserTrainer.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new DenoiserTrainer(catalog.Environment, columnName, conditionColumns, options);
    }
}
