using System.Globalization;
using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The values that the keys of a column stand for, in their order: text or numbers. Stored as JSON in model files.</summary>
/// <param name="Type">The type of the values.</param>
/// <param name="Values">The values as text, independent of any culture.</param>
internal sealed record KeyNames(string Type, IReadOnlyList<string> Values)
{
    private const string KeyValues = "KeyValues";

    private static readonly Kind[] s_kinds =
    [
        new Kind<ReadOnlyMemory<char>>(TextDataViewType.Instance, text => text.ToString(), text => text.AsMemory()),
        Number<float>(NumberDataViewType.Single), Number<double>(NumberDataViewType.Double),
        Number<byte>(NumberDataViewType.Byte), Number<ushort>(NumberDataViewType.UInt16), Number<uint>(NumberDataViewType.UInt32), Number<ulong>(NumberDataViewType.UInt64),
        Number<sbyte>(NumberDataViewType.SByte), Number<short>(NumberDataViewType.Int16), Number<int>(NumberDataViewType.Int32), Number<long>(NumberDataViewType.Int64),
    ];

    /// <summary>The values of a key column; null where it has none, or of a type that is neither text nor number.</summary>
    public static KeyNames? Of(DataViewSchema.Column column)
        => column.Annotations.Schema.GetColumnOrNull(KeyValues) is { Type: VectorDataViewType type } && s_kinds.FirstOrDefault(kind => kind.Type.Equals(type.ItemType)) is { } found
            ? new KeyNames($"{found.Type}", found.Read(column.Annotations))
            : null;

    /// <summary>Whether values of a type are kept.</summary>
    public static bool Keeps(DataViewType type) => s_kinds.Any(kind => kind.Type.Equals(type));

    /// <summary>Adds the values to a key column.</summary>
    public void AddKeyValues(DataViewSchema.Annotations.Builder annotations) => s_kinds.FirstOrDefault(kind => $"{kind.Type}" == Type)?.Write(annotations, Values);

    /// <summary>Adds the values, as text, to a vector of a number each.</summary>
    public void AddSlotNames(DataViewSchema.Annotations.Builder annotations) => SlotNames.Add(annotations, Values);

    /// <inheritdoc/>
    public bool Equals(KeyNames? other) => other is not null && Type == other.Type && Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Values.Count);

    private static Kind<T> Number<T>(NumberDataViewType type)
        where T : struct, INumber<T>
        => new(type, value => value.ToString(null, CultureInfo.InvariantCulture), text => T.Parse(text, CultureInfo.InvariantCulture));

    private abstract record Kind(PrimitiveDataViewType Type)
    {
        public abstract IReadOnlyList<string> Read(DataViewSchema.Annotations annotations);

        public abstract void Write(DataViewSchema.Annotations.Builder annotations, IReadOnlyList<string> values);
    }

    private sealed record Kind<T>(PrimitiveDataViewType ItemType, Func<T, string> ToText, Func<string, T> Parse) : Kind(ItemType)
    {
        public override IReadOnlyList<string> Read(DataViewSchema.Annotations annotations)
        {
            VBuffer<T> values = default;
            annotations.GetValue(KeyValues, ref values);
            return [.. values.DenseValues().Select(ToText)];
        }

        public override void Write(DataViewSchema.Annotations.Builder annotations, IReadOnlyList<string> values)
        {
            T[] parsed = [.. values.Select(Parse)];
            annotations.Add(KeyValues, new VectorDataViewType(Type, parsed.Length), (ValueGetter<VBuffer<T>>)((ref VBuffer<T> destination) => destination = new(parsed.Length, parsed)));
        }
    }
}
