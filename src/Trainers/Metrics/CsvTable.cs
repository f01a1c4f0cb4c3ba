using System.Text;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>A table that grows by whole rows: what could not be written is written with the next rows, and no half of a row stays.</summary>
internal sealed class CsvTable
{
    private readonly string _path, _header;
    private readonly StringBuilder _waiting = new();
    private long _length;

    /// <summary>Opens a table. Rows of a resumed run that come after its checkpoint are dropped.</summary>
    /// <param name="path">The file, which is made with the first row.</param>
    /// <param name="header">Its first line.</param>
    /// <param name="start">The number of steps done: 0 for a new run, whose rows replace older ones.</param>
    public CsvTable(string path, string header, long start)
    {
        (_path, _header) = (path, header);
        string[] kept = CsvRows.Kept(path, header, start);
        if (kept.Length == 0)
        {
            File.Delete(path);
            return;
        }
        AtomicFile.Write(path, CsvRows.Text(header, kept));
        _length = new FileInfo(path).Length;
    }

    /// <summary>Adds rows.</summary>
    /// <exception cref="IOException">They could not be written yet.</exception>
    public void Append(IEnumerable<string> rows)
    {
        foreach (string row in rows)
            _waiting.Append(row).Append('\n');
        // Opened anew each time, so that a folder that was moved or emptied is noticed.
        using var stream = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        _length = Math.Min(_length, stream.Length);
        stream.Position = _length;
        byte[] bytes = Encoding.UTF8.GetBytes(_length == 0 ? $"{_header}\n{_waiting}" : _waiting.ToString());
        try
        {
            stream.Write(bytes);
            stream.SetLength(stream.Position);
        }
        catch
        {
            stream.SetLength(_length);
            throw;
        }
        _length = stream.Position;
        _waiting.Clear();
    }
}
