using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>The rows to generate: input for a model's Transform.</summary>
public static class RowsCatalog
{
    private const string SeedColumn = "Seed";

    /// <summary>Rows for an unconditional model: nothing but seeds.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="count">The number of rows; not negative.</param>
    /// <param name="seed">The seed of the first row; each further row has the next.</param>
    /// <returns>A column Seed of Int64.</returns>
    public static IDataView Rows(this DiffusionDataCatalog catalog, int count, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return RowViews.Load(catalog.Environment, [.. Enumerable.Range(0, count).Select(row => new SeedRow(seed + row))]);
    }

    /// <summary>Rows for a conditional model: each value of the condition a number of times, value by value.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="column">The condition column.</param>
    /// <param name="values">The values of the condition.</param>
    /// <param name="countPerValue">How many rows each value has; not negative.</param>
    /// <param name="seed">The seed of the first row; each further row has the next.</param>
    /// <typeparam name="T">String, Boolean, float or float[]; vectors must have one length.</typeparam>
    /// <returns>The condition column, and a column Seed of Int64.</returns>
    /// <exception cref="ArgumentException">Vectors of several lengths, or the column is called Seed.</exception>
    public static IDataView Rows<T>(this DiffusionDataCatalog catalog, string column, IReadOnlyList<T> values, int countPerValue = 1, long seed = 0)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(column);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNegative(countPerValue);
        if (column == SeedColumn)
            throw new ArgumentException($"The condition column can not be called '{SeedColumn}': that is the column of seeds.", nameof(column));
        var definition = SchemaDefinition.Create(typeof(ConditionRow<T>));
        var condition = definition[nameof(ConditionRow<T>.Condition)];
        condition.ColumnName = column;
        if (typeof(T) == typeof(float[]))
            condition.ColumnType = new VectorDataViewType(NumberDataViewType.Single, CommonLength(values));
        ConditionRow<T>[] rows = [.. values.SelectMany((value, i) => Enumerable.Range(0, countPerValue).Select(
            n => new ConditionRow<T>(value, seed + (long)i * countPerValue + n)))];
        return RowViews.Load(catalog.Environment, rows, definition);
    }

    private static int CommonLength<T>(IReadOnlyList<T> values)
    {
        int[] lengths = [.. values.Select(value => ((float[])(object)value!).Length).Distinct()];
        return lengths is [> 0] ? lengths[0]
            : throw new ArgumentException($"The vectors must have one length above 0, got {string.Join(", ", lengths)}.", nameof(values));
    }
}
