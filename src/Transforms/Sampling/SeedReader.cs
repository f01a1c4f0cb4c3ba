using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Reads which random numbers a row consumes: those of its seed column, or of its id.</summary>
internal static class SeedReader
{
    private const string Expected = "an integer";
    private const string Hint = "Name another column in the option SeedColumn, or set it to null.";

    /// <summary>The seed column of a schema; null where there is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no integer.</exception>
    public static DataViewSchema.Column? Find(DataViewSchema schema, string? name)
    {
        if (name is null || schema.GetColumnOrNull(name) is not { } column)
            return null;
        return Bind(column.Type) is not null ? column : throw SchemaErrors.Mismatch(column.Name, Expected, column.Type.ToString()!, Hint);
    }

    /// <summary>Checks the seed column of a schema shape, where there is one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no integer.</exception>
    public static void Check(SchemaShape shape, string? name)
    {
        foreach (var column in shape)
            if (column.Name == name && (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.IsKey || Bind(column.ItemType) is null))
                throw SchemaErrors.Mismatch(column.Name, Expected, Shapes.TypeName(column), Hint);
    }

    /// <summary>What gives the key of the current row.</summary>
    /// <param name="row">The row or cursor.</param>
    /// <param name="column">The seed column, active in it; null for the row's id.</param>
    public static Func<RowKey> For(DataViewRow row, DataViewSchema.Column? column)
    {
        if (column is { } seeds)
            return Bind(seeds.Type)!(row, seeds);
        var getter = row.GetIdGetter();
        return () =>
        {
            DataViewRowId id = default;
            getter(ref id);
            return new RowKey(id.Low, id.High);
        };
    }

    private static Func<DataViewRow, DataViewSchema.Column, Func<RowKey>>? Bind(DataViewType type) => type is not NumberDataViewType ? null
        : type.RawType == typeof(long) ? Integer<long>
        : type.RawType == typeof(int) ? Integer<int>
        : type.RawType == typeof(short) ? Integer<short>
        : type.RawType == typeof(sbyte) ? Integer<sbyte>
        : type.RawType == typeof(ulong) ? Integer<ulong>
        : type.RawType == typeof(uint) ? Integer<uint>
        : type.RawType == typeof(ushort) ? Integer<ushort>
        : type.RawType == typeof(byte) ? Integer<byte>
        : null;

    // Equal numbers of different types are equal seeds: negative ones are extended to 64 bits.
    private static Func<RowKey> Integer<T>(DataViewRow row, DataViewSchema.Column column)
        where T : unmanaged, IBinaryInteger<T>
    {
        var getter = row.GetGetter<T>(column);
        return () =>
        {
            T value = default;
            getter(ref value);
            return new RowKey(ulong.CreateTruncating(value));
        };
    }
}
