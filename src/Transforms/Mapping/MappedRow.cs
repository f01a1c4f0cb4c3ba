using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>One row with a transformer's columns added.</summary>
internal sealed class MappedRow(BoundMap bound, DataViewRow input, bool[] active) : DataViewRow
{
    private readonly MappedColumns _columns = new(bound, input, active);
    private bool _disposed;

    public override DataViewSchema Schema => bound.OutputSchema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => _columns.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _columns.Getter<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

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
