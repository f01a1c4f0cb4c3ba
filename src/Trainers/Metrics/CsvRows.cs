namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The rows of a table whose first column is a step.</summary>
internal static class CsvRows
{
    /// <summary>Reads the rows that a resumed run keeps: whole ones, up to its checkpoint. What comes after it will be made again.</summary>
    /// <param name="path">The file; none is an empty one.</param>
    /// <param name="header">Its first line, which says how many cells a row has.</param>
    /// <param name="start">The number of steps done; 0 keeps nothing.</param>
    public static string[] Kept(string path, string header, long start)
    {
        if (start <= 0 || !File.Exists(path))
            return [];
        string text = File.ReadAllText(path);
        // The last row of a killed process may end anywhere, even within a number.
        string[] rows = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. rows.Skip(1).Where(row => Cells(row) >= Cells(header) && IsUpTo(row, start))];
    }

    /// <summary>A table as text.</summary>
    /// <param name="header">Its first line.</param>
    /// <param name="rows">The others.</param>
    public static string Text(string header, IEnumerable<string> rows) => string.Concat(rows.Prepend(header).Select(row => row + "\n"));

    private static int Cells(string row) => row.AsSpan().Count(',') + 1;

    private static bool IsUpTo(string row, long step) => long.TryParse(row.AsSpan(0, row.IndexOf(',')), out long of) && of <= step;
}
