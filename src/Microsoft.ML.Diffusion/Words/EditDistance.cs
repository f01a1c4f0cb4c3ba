namespace Microsoft.ML.Diffusion;

/// <summary>How unlike two texts are, so that an error names first what was most likely meant.</summary>
internal static class EditDistance
{
    // Of what is longer the beginning decides.
    private const int Longest = 64;

    /// <summary>The least number of letters to insert, leave out or replace (Levenshtein); capital and small letters count as a tenth of a replacement, blanks at the ends not at all.</summary>
    public static double Between(string first, string second)
    {
        var a = Beginning(first);
        var b = Beginning(second);
        var last = new double[b.Length + 1];
        var row = new double[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            last[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + Cost(a[i - 1], b[j - 1]));
            (last, row) = (row, last);
        }
        return last[b.Length];
    }

    private static ReadOnlySpan<char> Beginning(string text)
    {
        var trimmed = text.AsSpan().Trim();
        return trimmed[..Math.Min(trimmed.Length, Longest)];
    }

    private static double Cost(char a, char b) => a == b ? 0 : char.ToUpperInvariant(a) == char.ToUpperInvariant(b) ? 0.1 : 1;
}
