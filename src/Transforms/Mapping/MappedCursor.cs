using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A cursor with a transformer's columns added row by row.</summary>
internal sealed class MappedCursor(BoundMap bound, DataViewRowCursor input, bool[] active) : DataViewRowCursor
{
    private readonly MappedColumns _columns = new(bound, input, active);
    private bool _disposed;

    public override DataViewSchema Schema => bound.OutputSchema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => _columns.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _columns.Getter<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool MoveNext() => input.MoveNext();

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
            return;
        _disposed = true;
        if (disposing)
            input.Dispose();
        base.Dispose(disposing);
    }
}
