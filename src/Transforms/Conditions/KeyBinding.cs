using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A column of keys that gives a condition of a model: each key is the model's own of the same value. The one place where keys meet.</summary>
internal sealed class KeyBinding
{
    private readonly DataViewSchema.Column _column;
    private readonly KeyTable _table;
    private readonly Vocabulary? _given;
    private readonly Vocabulary? _trained;
    private readonly UnknownValueRule _rule;

    private KeyBinding(DataViewSchema.Column column, KeyTable table, Vocabulary? given, Vocabulary? trained, DataViewSchema.Column? source, UnknownValueRule rule)
    {
        (_column, _table, _given, _trained, _rule) = (column, table, given, trained, rule);
        Source = given is null || trained is null ? null : source;
    }

    /// <summary>The column that the keys were mapped from, by which an unknown value is told from a missing one; null where there is none.</summary>
    public DataViewSchema.Column? Source { get; }

    /// <summary>Binds a column.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="column">The column.</param>
    /// <param name="given">The column as a condition.</param>
    /// <param name="trained">The condition.</param>
    /// <param name="source">The column that the keys were mapped from; the one whose place they took where null.</param>
    /// <param name="rule">What becomes of unknown values.</param>
    /// <exception cref="ArgumentOutOfRangeException">The keys stand for other things than those of the model.</exception>
    public static KeyBinding Of(DataViewSchema schema, DataViewSchema.Column column, KeyCondition given, KeyCondition trained, KeySource? source, UnknownValueRule rule)
    {
        var table = KeyTable.Between(given, trained, out string? why)
            ?? throw SchemaErrors.Mismatch(column.Name, $"{trained.Describe()}, as in training", given.Describe(), StandForNothing(given, trained) ?? why);
        return new KeyBinding(column, table, given.Values, trained.Values, column.Type.GetItemType() is KeyDataViewType ? FindSource(schema, column, source ?? KeySource.HiddenByKeys(column.Name)) : null, rule);
    }

    /// <summary>What maps the keys of a row.</summary>
    /// <param name="row">The row or cursor, in which the column and its source are active.</param>
    /// <returns>Takes a place and the key there, and gives the model's key; 0 for a missing value.</returns>
    public Func<int, int, int> Bind(DataViewRow row)
    {
        if (Source is not { } source)
            return _table.IsIdentity ? (_, key) => key : (_, key) => Map(row, key);
        var text = KeyValues.Reader(row, source);
        return (place, key) => key > 0 ? Map(row, key) : text(place) is { } value ? Find(row, value) : 0;
    }

    private int Map(DataViewRow row, int key)
    {
        int mapped = _table[key];
        return mapped == KeyTable.Unknown ? Unknown(row, _given!.Values[key - 1]) : mapped;
    }

    // ML.NET maps what it does not know to the missing key in silence. A value that it knows, and yet is missing, was made so.
    private int Find(DataViewRow row, string value)
        => _given!.HasExactly(value) ? 0 : _trained!.KeyOf(value) is > 0 and var key ? key : Unknown(row, value);

    private int Unknown(DataViewRow row, string value)
    {
        _rule.Meet(FormattableString.Invariant($"Row {row.Position}"), _column.Name, value, _trained!);
        return 0;
    }

    private static string? StandForNothing(KeyCondition given, KeyCondition trained) => given.KeyCount == 1 && given.Values is null && trained.Values is not null
        ? "A single key that stands for no value is what MapValueToKey makes where all of the rows that it is fitted on are blank. Map with the steps that were fitted on the training data: blank rows are rows without the condition then."
        : null;

    // A column of that name may be of another kind, where data came another way than in training.
    private static DataViewSchema.Column? FindSource(DataViewSchema schema, DataViewSchema.Column keys, KeySource source)
        => source.Find(schema) is { } column && KeyValues.Keeps(column.Type.GetItemType()) && (column.Type as VectorDataViewType)?.Size == (keys.Type as VectorDataViewType)?.Size ? column : null;
}
