using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>The same data, its vectors of Single handed out sparse.</summary>
internal sealed class SparseView(IDataView source) : IDataView
{
    public DataViewSchema Schema => source.Schema;

    public bool CanShuffle => false;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        => new Cursor(source.GetRowCursor(columnsNeeded));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewRowCursor input) : DataViewRowCursor
    {
        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => input.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => input.IsColumnActive(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool MoveNext() => input.MoveNext();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            var getter = input.GetGetter<TValue>(column);
            if (getter is not ValueGetter<VBuffer<float>> dense)
                return getter;
            VBuffer<float> row = default;
            ValueGetter<VBuffer<float>> sparse = (ref VBuffer<float> value) =>
            {
                dense(ref row);
                var filled = row.Items(all: true).Where(item => item.Value != 0).ToArray();
                value = new VBuffer<float>(row.Length, filled.Length, [.. filled.Select(item => item.Value)], [.. filled.Select(item => item.Key)]);
            };
            return (ValueGetter<TValue>)(Delegate)sparse;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
            base.Dispose(disposing);
        }
    }
}
