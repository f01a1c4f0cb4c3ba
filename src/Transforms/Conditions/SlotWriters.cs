using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Writes one condition column of the current row as the numbers of its slot; missing values as the slot's own.</summary>
internal static class SlotWriters
{
    public static RowWriter For(DataViewRow row, DataViewSchema.Column column, ConditionSlot slot, KeyBinding? keys) => column.Type switch
    {
        KeyDataViewType key => Key(row, column, key, keys!.Bind(row)),
        BooleanDataViewType => Boolean(row, column, keys!.Bind(row)),
        VectorDataViewType { ItemType: KeyDataViewType key } => Tokens(row, column, key, keys!.Bind(row)),
        VectorDataViewType when slot is PictureCondition picture => Picture(new VectorReader(row, column), picture),
        VectorDataViewType => new VectorReader(row, column).Read,
        _ => Single(row, column),
    };

    private static RowWriter Key(DataViewRow row, DataViewSchema.Column column, KeyDataViewType key, Func<int, int, int> map)
        => key.RawType == typeof(uint) ? Key<uint>(row, column, key.Count, map)
            : key.RawType == typeof(byte) ? Key<byte>(row, column, key.Count, map)
            : key.RawType == typeof(ushort) ? Key<ushort>(row, column, key.Count, map)
            : Key<ulong>(row, column, key.Count, map);

    private static RowWriter Key<T>(DataViewRow row, DataViewSchema.Column column, ulong count, Func<int, int, int> map)
        where T : unmanaged, IBinaryInteger<T>
    {
        var getter = row.GetGetter<T>(column);
        return destination =>
        {
            T value = default;
            getter(ref value);
            destination[0] = map(0, Index(value, count));
        };
    }

    private static RowWriter Tokens(DataViewRow row, DataViewSchema.Column column, KeyDataViewType key, Func<int, int, int> map)
        => key.RawType == typeof(uint) ? Tokens<uint>(row, column, key.Count, map)
            : key.RawType == typeof(byte) ? Tokens<byte>(row, column, key.Count, map)
            : key.RawType == typeof(ushort) ? Tokens<ushort>(row, column, key.Count, map)
            : Tokens<ulong>(row, column, key.Count, map);

    private static RowWriter Tokens<T>(DataViewRow row, DataViewSchema.Column column, ulong count, Func<int, int, int> map)
        where T : unmanaged, IBinaryInteger<T>
    {
        var getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> buffer = default;
        return destination =>
        {
            getter(ref buffer);
            int place = 0;
            foreach (var value in buffer.DenseValues())
            {
                destination[place] = map(place, Index(value, count));
                place++;
            }
        };
    }

    // As in ML.NET, a value outside of the key's is a missing one.
    private static int Index<T>(T value, ulong count)
        where T : unmanaged, IBinaryInteger<T>
    {
        ulong number = ulong.CreateTruncating(value);
        return number <= count ? (int)number : 0;
    }

    private static RowWriter Picture(VectorReader reader, PictureCondition slot)
    {
        var resizer = new PictureResizer(slot.Source, slot.Shape);
        var codec = new PixelCodec(slot.Minimum, slot.Maximum);
        var picture = new float[reader.Size];
        return destination =>
        {
            reader.Read(picture);
            // Told from missing ones by what reads the numbers, which refuses them.
            if (picture.AsSpan().ContainsAny(float.PositiveInfinity, float.NegativeInfinity))
                destination.Fill(float.PositiveInfinity);
            else if (picture.AsSpan().Contains(float.NaN))
                destination.Fill(slot.Missing);
            else
            {
                resizer.Resize(picture, destination);
                codec.Encode(destination);
            }
        };
    }

    private static RowWriter Boolean(DataViewRow row, DataViewSchema.Column column, Func<int, int, int> map)
    {
        var getter = row.GetGetter<bool>(column);
        return destination =>
        {
            bool value = default;
            getter(ref value);
            destination[0] = map(0, value ? 2 : 1);
        };
    }

    private static RowWriter Single(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<float>(column);
        return destination => getter(ref destination[0]);
    }
}
