using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Pictures kept as bytes and given as vectors of Single in [0, 255].</summary>
/// <remarks>
/// The pictures are read by the first cursor and kept: C·H·W bytes each. Thread safe; cursors are independent of each other.
/// A row's id is its position in the data, whatever the order in which it is visited.
/// </remarks>
internal sealed class PictureDataView : IDataView
{
    private readonly IHost _host;
    private readonly Lazy<PictureRecord[]> _pictures;
    private readonly long? _count;

    /// <param name="env">The environment.</param>
    /// <param name="shape">The shape of every picture: [C, H, W].</param>
    /// <param name="columns">The names of the columns.</param>
    /// <param name="read">Reads all pictures; called once.</param>
    /// <param name="count">The number of rows where it is known before reading.</param>
    public PictureDataView(IHostEnvironment env, DataShape shape, PictureColumns columns, Func<IChannel, PictureRecord[]> read, long? count = null)
    {
        _host = env.Register(nameof(PictureDataView));
        _count = count;
        _pictures = new(() =>
        {
            using IChannel channel = _host.Start("Reading pictures");
            return read(channel);
        });
        Schema = columns.ToSchema(shape);
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => true;

    public long? GetRowCount() => _pictures.IsValueCreated ? _pictures.Value.Length : _count;

    // RS0030: the generator is the caller's, as ML.NET's interface wants it.
#pragma warning disable RS0030
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        PictureRecord[] pictures = _pictures.Value;
        return new PictureCursor(_host, this, pictures, columnsNeeded, Permutation(pictures.Length, rand), part: 0, parts: 1);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        PictureRecord[] pictures = _pictures.Value;
        int parts = Math.Clamp(n, 1, Math.Max(1, Environment.ProcessorCount));
        int[]? order = Permutation(pictures.Length, rand);
        var columns = columnsNeeded.ToArray();
        return [.. Enumerable.Range(0, parts).Select(part => new PictureCursor(_host, this, pictures, columns, order, part, parts))];
    }

    private static int[]? Permutation(int count, Random? rand)
    {
        if (rand is null)
            return null;
        int[] order = [.. Enumerable.Range(0, count)];
        rand.Shuffle(order);
        return order;
    }
#pragma warning restore RS0030
}
