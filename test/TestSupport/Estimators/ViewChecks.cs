using System.Globalization;
using System.Reflection;
using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>Reads data as text, whatever its types, and compares it.</summary>
public static class ViewChecks
{
    /// <summary>Values and ids must be equal, for all columns, every other one, and each alone.</summary>
    public static void SameValues(IDataView expected, IDataView actual)
    {
        var selections = new List<Func<int, bool>> { _ => true, i => i % 2 == 0, i => i % 2 == 1 };
        selections.AddRange(Enumerable.Range(0, expected.Schema.Count).Select(only => (Func<int, bool>)(i => i == only)));
        foreach (var selection in selections)
        {
            var first = Rows(expected, selection, out var ids);
            var second = Rows(actual, selection, out var otherIds);
            Assert.AreSequenceEqual(first, second);
            Assert.AreSequenceEqual(ids, otherIds);
            Assert.AreEqual(ids.Count, ids.Distinct().Count(), "row ids are not unique");
        }
    }

    /// <summary>The rows of a view as text, with the values of the selected columns; checks what any cursor must fulfil.</summary>
    public static List<string> Rows(IDataView view, Func<int, bool> selection, out List<DataViewRowId> ids)
    {
        var columns = view.Schema.Where(column => selection(column.Index)).ToArray();
        var rows = new List<string>();
        ids = [];
        using var cursor = view.GetRowCursor(columns);
        Assert.AreSame(view.Schema, cursor.Schema);
        foreach (var column in view.Schema)
            Assert.AreEqual(selection(column.Index), cursor.IsColumnActive(column), $"activity of column {column.Name}");
        var readers = columns.Select(column => Reader(cursor, column)).ToArray();
        var id = cursor.GetIdGetter();
        DataViewRowId value = default;
        while (cursor.MoveNext())
        {
            Assert.AreEqual(rows.Count, cursor.Position);
            id(ref value);
            ids.Add(value);
            rows.Add(string.Join('|', readers.Select(reader => reader())));
        }
        return rows;
    }

    /// <summary>The vectors of a column.</summary>
    public static float[][] Vectors(IDataView view, string column) => [.. view.GetColumn<float[]>(column)];

    private static Func<string> Reader(DataViewRow row, DataViewSchema.Column column)
        => (Func<string>)typeof(ViewChecks).GetMethod(nameof(TypedReader), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(column.Type.RawType).Invoke(null, [row, column])!;

    private static Func<string> TypedReader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return value switch
            {
                VBuffer<float> vector => string.Join(',', vector.DenseValues().Select(number => number.ToString("r", CultureInfo.InvariantCulture))),
                ReadOnlyMemory<char> text => text.ToString(),
                _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
            };
        };
    }
}
