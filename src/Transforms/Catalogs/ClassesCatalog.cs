using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>What may be asked of a model.</summary>
public static class ClassesCatalog
{
    /// <summary>The classes of a model, trained here or loaded: the values that its condition column, or the label column of what guides it, may have. For a column of text, its words.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A fitted pipeline, a loaded model or a single transformer of one.</param>
    /// <param name="column">The column, by its name or by that of the column that its keys were mapped from. The model's one column of classes where null, or, where it has none, its one column of text.</param>
    /// <returns>The values in the order of their keys, as text that does not depend on a culture; the numbers of the keys, from 1, where the training data had no values for them.</returns>
    /// <exception cref="ArgumentException">The model has no such column, or several where none is named; names those that it has.</exception>
    public static IReadOnlyList<string> ListClasses(this DiffusionCatalog catalog, ITransformer model, string? column = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        KeyColumns.Entry[] all = [.. KeyColumns.Of(model)];
        if (column is not null)
            return all.FirstOrDefault(entry => entry.Column == column || entry.Keys == column)?.Values
                ?? throw new ArgumentException($"The model has no classes for a column '{column}'; columns with classes or words: {Names(all)}.", nameof(column));
        bool hasClasses = all.Any(entry => !entry.IsText);
        var candidates = all.Where(entry => entry.IsText != hasClasses).DistinctBy(entry => entry.Keys).ToArray();
        return candidates switch
        {
            [var one] => one.Values,
            [] => throw new ArgumentException("The model has no classes: no column of keys, Booleans or text conditions or guides it.", nameof(model)),
            _ => throw new ArgumentException($"The model has classes for the columns {Names(candidates)}: name the one that is meant.", nameof(column)),
        };
    }

    private static string Names(IEnumerable<KeyColumns.Entry> entries)
        => string.Join(", ", entries.Select(entry => $"'{entry.Column}'").Distinct().DefaultIfEmpty("none"));
}
