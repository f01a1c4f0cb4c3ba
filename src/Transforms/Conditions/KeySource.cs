namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The column that a column of keys was mapped from. Its name alone does not tell: later columns of that name hide it, and stay beside it in the schema.</summary>
/// <param name="Column">The name of the column.</param>
/// <param name="HiddenBy">How many later columns of the same name there are; not negative. They are counted from the last one, since data may come with more hidden columns before it than training had.</param>
public sealed record KeySource(string Column, int HiddenBy)
{
    /// <summary>What keys were mapped from where that is not known: the column whose place they took.</summary>
    /// <param name="keys">The name of the column of keys.</param>
    internal static KeySource HiddenByKeys(string keys) => new(keys, 1);

    /// <summary>The column that is meant; null where a schema does not have it.</summary>
    internal DataViewSchema.Column? Find(DataViewSchema schema)
        => schema.Where(column => column.Name == Column).Reverse().Select(column => (DataViewSchema.Column?)column).ElementAtOrDefault(HiddenBy);

    /// <summary>Which of the columns of its name a column is.</summary>
    internal static KeySource Of(DataViewSchema schema, DataViewSchema.Column column)
        => new(column.Name, schema.Skip(column.Index + 1).Count(later => later.Name == column.Name));
}
