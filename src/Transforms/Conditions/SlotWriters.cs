using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Writes one condition column of the current row as the numbers of its slot; missing values as the slot's own.</summary>
internal static class SlotWriters
{
    public static RowWriter For(DataViewRow row, DataViewSchema.Column column, ConditionSlot slot) => column.Type switch
    {
        KeyDataViewType key => Key(row, column, key),
        BooleanDataViewType => Boolean(row, column),
        VectorDataViewType => new VectorReader(row, column).Read,
        _ => Single(row, column),
    };

    private static RowWriter Key(DataViewRow row, DataViewSchema.Column column, KeyDataViewType key)
        => key.RawType == typeof(uint) ? Key<uint>(row, column, key.Count)
            : key.RawType == typeof(byte) ? Key<byte>(row, column, key.Count)
            : key.RawType == typeof(ushort) ? Key<ushort>(row, column, key.Count)
            : Key<ulong>(row, column, key.Count);

    private static RowWriter Key<T>(DataViewRow row, DataViewSchema.Column column, ulong count)
        where T : unmanaged, IBinaryInteger<T>
    {
        var getter = row.GetGetter<T>(column);
        return destination =>
        {
            T value = default;
            getter(ref value);
            ulong number = ulong.CreateTruncating(value);
            destination[0] = number <= count ? number : 0;
        };
    }

    private static RowWriter Boolean(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<bool>(column);
        return destination =>
        {
            bool value = default;
            getter(ref value);
            destination[0] = value ? 2 : 1;
        };
    }

    private static RowWriter Single(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<float>(column);
        return destination => getter(ref destination[0]);
    }
}
