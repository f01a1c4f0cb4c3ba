using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>One pass over pictures in memory, or over every n-th block of them.</summary>
internal sealed class PictureCursor : DataViewRowCursor
{
    // Rows in a unit of work of one of several cursors.
    private const int BlockSize = 64;

    private readonly PictureRecord[] _pictures;
    private readonly int[]? _order;
    private readonly HashSet<int> _active;
    private readonly Delegate[] _getters;
    private readonly int _part;
    private readonly int _parts;
    private readonly IHost _host;
    private long _position = -1;   // among the rows of this cursor
    private long _place = -1;      // among the rows of all
    private bool _disposed;

    public PictureCursor(IHost host, PictureDataView view, PictureRecord[] pictures, IEnumerable<DataViewSchema.Column> columns, int[]? order, int part, int parts)
    {
        _host = host;
        _pictures = pictures;
        _order = order;
        _part = part;
        _parts = parts;
        Schema = view.Schema;
        _active = [.. columns.Select(column => column.Index)];
        _getters = Schema.Count == 3
            ? [Text(picture => picture.Label), Text(picture => picture.Path), (ValueGetter<VBuffer<float>>)GetPixels]
            : [Text(picture => picture.Label), (ValueGetter<VBuffer<float>>)GetPixels];
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _position;

    public override long Batch => _parts == 1 ? 0 : _place / BlockSize;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override bool MoveNext()
    {
        if (_disposed || _position == -2)
            return false;
        long next = _position + 1;
        long place = (next / BlockSize * _parts + _part) * BlockSize + next % BlockSize;
        if (place >= _pictures.Length)
        {
            // A block that is short is the last of all: nothing follows for this cursor.
            _position = -2;
            return false;
        }
        _position = next;
        _place = place;
        return true;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (column.Index >= Schema.Count || !IsColumnActive(column))
            throw _host.ExceptParam(nameof(column), $"Column '{column.Name}' is not active in this cursor.");
        return _getters[column.Index] as ValueGetter<TValue>
            ?? throw _host.ExceptParam(nameof(TValue), $"Column '{column.Name}' holds {column.Type}, asked for {typeof(TValue).Name}.");
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)CurrentIndex(), 0);

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        _position = -1;
        base.Dispose(disposing);
    }

    private int CurrentIndex()
    {
        if (_position < 0)
            throw _host.Except("The cursor is not on a row: call MoveNext first, and stop when it returns false.");
        return _order?[_place] ?? (int)_place;
    }

    private ValueGetter<ReadOnlyMemory<char>> Text(Func<PictureRecord, string> select) =>
        (ref ReadOnlyMemory<char> value) => value = select(_pictures[CurrentIndex()]).AsMemory();

    private void GetPixels(ref VBuffer<float> value)
    {
        byte[] pixels = _pictures[CurrentIndex()].Pixels;
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, pixels.Length);
        Span<float> values = editor.Values;
        for (int i = 0; i < pixels.Length; i++)
            values[i] = pixels[i];
        value = editor.Commit();
    }
}
