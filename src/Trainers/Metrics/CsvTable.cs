using System.Text;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>A table that grows by whole rows, whose first column is a step: what could not be written is written with the next rows, and no half of a row stays.</summary>
internal sealed class CsvTable
{
    private readonly string _path, _header;
    private readonly StringBuilder _waiting = new();
    private long _length;

    /// <summary>Opens a table. Rows of a resumed run that come after its checkpoint are dropped, since they will be made again.</summary>
    /// <param name="path">The file, which is made with the first row.</param>
    /// <param name="header">Its first line, which says how many cells a row has.</param>
    /// <param name="start">The number of steps done: 0 for a new run, whose rows replace older ones.</param>
    public CsvTable(string path, string header, long start)
    {
        (_path, _header) = (path, header);
        Kept = start > 0 && File.Exists(path) ? RowsUpTo(start) : [];
        if (Kept.Count == 0)
        {
            File.Delete(path);
            return;
        }
        AtomicFile.Write(path, string.Concat(Kept.Prepend(header).Select(row => row + "\n")));
        _length = new FileInfo(path).Length;
    }

    /// <summary>The rows of a resumed run up to its checkpoint.</summary>
    public IReadOnlyList<string> Kept { get; }

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

    private string[] RowsUpTo(long step)
    {
        string text = File.ReadAllText(_path);
        // The last row of a killed process may end anywhere, even within a number.
        string[] rows = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. rows.Skip(1).Where(row => Cells(row) >= Cells(_header) && long.TryParse(row.AsSpan(0, row.IndexOf(',')), out long of) && of <= step)];
    }

    private static int Cells(string row) => row.AsSpan().Count(',') + 1;
}
