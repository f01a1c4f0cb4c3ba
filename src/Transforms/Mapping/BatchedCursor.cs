using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// A cursor with batched columns: one input cursor passes columns through, another runs ahead and fills the batch. A pass over the batch is
/// computed when its first value is read, never before.
/// </summary>
internal sealed class BatchedCursor : DataViewRowCursor
{
    private readonly BoundMap _bound;
    private readonly DataViewRowCursor _main;
    private readonly DataViewRowCursor _ahead;
    private readonly MappedColumns _columns;
    private readonly Dictionary<int, BatchRun> _runs = [];
    private readonly HashSet<int> _computed = [];
    private readonly ValueGetter<DataViewRowId> _mainId;
    private readonly ValueGetter<DataViewRowId> _aheadId;
    private readonly DataViewRowId[] _ids;
    private int _count;
    private int _place = -1;
    private bool _disposed;

    public BatchedCursor(BoundMap bound, DataViewRowCursor main, DataViewRowCursor ahead, bool[] active)
    {
        _bound = bound;
        _main = main;
        _ahead = ahead;
        _columns = new MappedColumns(bound, main, active, pass => new PassRows(_runs[pass], () => CurrentPlace(pass)));
        for (int output = 0; output < bound.Map.Outputs.Count; output++)
            if (active[bound.InputSchema.Count + output] && bound.Map.PassOf(output) is { } pass && !_runs.ContainsKey(pass))
                _runs.Add(pass, bound.Map.StartBatches(ahead, bound.Map.BatchSize, pass));
        _mainId = main.GetIdGetter();
        _aheadId = ahead.GetIdGetter();
        _ids = new DataViewRowId[bound.Map.BatchSize];
    }

    public override DataViewSchema Schema => _bound.OutputSchema;

    public override long Position => _main.Position;

    public override long Batch => _main.Batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => _columns.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _columns.Getter<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => _main.GetIdGetter();

    public override bool MoveNext()
    {
        if (!_main.MoveNext())
        {
            _place = -1;
            return false;
        }
        if (++_place >= _count)
            Fill();
        DataViewRowId id = default;
        _mainId(ref id);
        if (_place >= _count || !_ids[_place].Equals(id))
            throw new InvalidOperationException("Two passes over the data gave different rows, but a batched column needs two equal passes: cache the data first (ml.Data.Cache).");
        return true;
    }

    private void Fill()
    {
        _place = 0;
        _computed.Clear();
        for (_count = 0; _count < _ids.Length && _ahead.MoveNext(); _count++)
        {
            _aheadId(ref _ids[_count]);
            foreach (var run in _runs.Values)
                run.Load(_count);
        }
    }

    private int CurrentPlace(int pass)
    {
        if (_place < 0)
            throw new InvalidOperationException("There is no current row: call MoveNext first.");
        if (!_computed.Contains(pass))
        {
            _bound.Compute(_runs[pass], _count);
            _computed.Add(pass);
        }
        return _place;
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
            return;
        _disposed = true;
        if (disposing)
        {
            _ahead.Dispose();
            _main.Dispose();
            if (_computed.Count > 0)
                NativeHeap.GiveBack();
        }
        base.Dispose(disposing);
    }
}
