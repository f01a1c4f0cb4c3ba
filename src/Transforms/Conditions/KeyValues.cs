using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The values that the keys of a column stand for, and those of the column that it was mapped from: text, numbers, Booleans and times.</summary>
internal static class KeyValues
{
    private const string KeyValuesKind = "KeyValues";

    private static readonly Kind[] s_kinds =
    [
        new Kind<ReadOnlyMemory<char>>(TextDataViewType.Instance, text => text.ToString(), text => text.AsMemory()),
        Number<float>(NumberDataViewType.Single), Number<double>(NumberDataViewType.Double),
        Number<byte>(NumberDataViewType.Byte), Number<ushort>(NumberDataViewType.UInt16), Number<uint>(NumberDataViewType.UInt32), Number<ulong>(NumberDataViewType.UInt64),
        Number<sbyte>(NumberDataViewType.SByte), Number<short>(NumberDataViewType.Int16), Number<int>(NumberDataViewType.Int32), Number<long>(NumberDataViewType.Int64),
        new Kind<bool>(BooleanDataViewType.Instance, value => value.ToString(), bool.Parse),
        new Kind<DateTime>(DateTimeDataViewType.Instance, value => value.ToString("O", CultureInfo.InvariantCulture), text => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind)),
        new Kind<DateTimeOffset>(DateTimeOffsetDataViewType.Instance, value => value.ToString("O", CultureInfo.InvariantCulture), text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind)),
        new Kind<TimeSpan>(TimeSpanDataViewType.Instance, value => value.ToString("c", CultureInfo.InvariantCulture), text => TimeSpan.Parse(text, CultureInfo.InvariantCulture)),
    ];

    // Annotations pass through schemas as they are, and a long vocabulary is read once.
    private static readonly ConditionalWeakTable<DataViewSchema.Annotations, Vocabulary> s_known = [];

    /// <summary>What a Boolean column is as keys.</summary>
    public static Vocabulary Booleans { get; } = new([bool.FalseString, bool.TrueString], $"{BooleanDataViewType.Instance}");

    /// <summary>The values of a column of keys, scalar or vector; null where it has none, or of a type that is not kept.</summary>
    public static Vocabulary? Of(DataViewSchema.Column column)
    {
        var found = s_known.TryGetValue(column.Annotations, out var known) ? known : Read(column);
        // Values for more or fewer keys than there are stand for none of them.
        return found is not null && column.Type.GetItemType() is KeyDataViewType key && key.Count == (ulong)found.Count ? found : null;
    }

    private static Vocabulary? Read(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(KeyValuesKind) is not { Type: VectorDataViewType type } || KindOf(type.ItemType) is not { } kind)
            return null;
        var values = kind.ReadKeyValues(column.Annotations);
        return s_known.GetValue(column.Annotations, _ => new Vocabulary(values, $"{kind.Type}"));
    }

    /// <summary>Whether values of a type are kept.</summary>
    public static bool Keeps(DataViewType type) => KindOf(type) is not null;

    /// <summary>Adds the values to a key column.</summary>
    public static void AddKeyValues(this Vocabulary vocabulary, DataViewSchema.Annotations.Builder annotations)
        => s_kinds.FirstOrDefault(kind => $"{kind.Type}" == vocabulary.Type)?.WriteKeyValues(annotations, vocabulary.Values);

    /// <summary>Adds the values, as text, to a vector of a number each.</summary>
    public static void AddSlotNames(this Vocabulary vocabulary, DataViewSchema.Annotations.Builder annotations) => SlotNames.Add(annotations, vocabulary.Values);

    /// <summary>What reads the values of a row's column as text, by their places; null for those that are missing.</summary>
    /// <param name="row">The row or cursor.</param>
    /// <param name="column">A scalar or vector of a type that is kept.</param>
    public static Func<int, string?> Reader(DataViewRow row, DataViewSchema.Column column)
        => KindOf(column.Type.GetItemType())!.Reader(row, column);

    private static Kind? KindOf(DataViewType type) => s_kinds.FirstOrDefault(kind => kind.Type.Equals(type));

    private static Kind<T> Number<T>(NumberDataViewType type)
        where T : struct, INumber<T>
        => new(type, value => T.IsNaN(value) ? "" : value.ToString(null, CultureInfo.InvariantCulture), text => T.Parse(text, CultureInfo.InvariantCulture));

    private abstract record Kind(PrimitiveDataViewType Type)
    {
        public abstract IReadOnlyList<string> ReadKeyValues(DataViewSchema.Annotations annotations);

        public abstract void WriteKeyValues(DataViewSchema.Annotations.Builder annotations, IReadOnlyList<string> values);

        public abstract Func<int, string?> Reader(DataViewRow row, DataViewSchema.Column column);
    }

    private sealed record Kind<T>(PrimitiveDataViewType ItemType, Func<T, string> ToText, Func<string, T> Parse) : Kind(ItemType)
    {
        public override IReadOnlyList<string> ReadKeyValues(DataViewSchema.Annotations annotations)
        {
            VBuffer<T> values = default;
            annotations.GetValue(KeyValuesKind, ref values);
            return [.. values.DenseValues().Select(ToText)];
        }

        public override void WriteKeyValues(DataViewSchema.Annotations.Builder annotations, IReadOnlyList<string> values)
        {
            T[] parsed = [.. values.Select(Parse)];
            annotations.Add(KeyValuesKind, new VectorDataViewType(Type, parsed.Length), (ValueGetter<VBuffer<T>>)((ref VBuffer<T> destination) => destination = new(parsed.Length, parsed)));
        }

        public override Func<int, string?> Reader(DataViewRow row, DataViewSchema.Column column)
        {
            T value = default!;
            VBuffer<T> buffer = default;
            if (column.Type is VectorDataViewType)
            {
                var vector = row.GetGetter<VBuffer<T>>(column);
                return place =>
                {
                    vector(ref buffer);
                    return Text(buffer.GetItemOrDefault(place));
                };
            }
            var getter = row.GetGetter<T>(column);
            return _ =>
            {
                getter(ref value);
                return Text(value);
            };
        }

        private string? Text(T value) => ToText(value) is { Length: > 0 } text ? text : null;
    }
}
