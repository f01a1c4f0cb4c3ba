namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Breaks pictures into lines.</summary>
internal static class PictureLines
{
    private const int MostOfLabel = 16;

    /// <summary>Pictures one after the other.</summary>
    public static PictureLine[] Flow(IReadOnlyList<float[]> pictures, PictureGridOptions options)
    {
        int columns = options.Columns > 0 ? options.Columns
            : options.ColumnTitles is { Count: > 0 } titles ? titles.Count
            : options.RowTitles is { Count: > 0 } rows ? (pictures.Count + rows.Count - 1) / rows.Count
            : (int)Math.Ceiling(Math.Sqrt(pictures.Count * 1.5));
        return [.. pictures.Chunk(Math.Max(1, columns)).Select((line, i) => new PictureLine(options.RowTitles?.ElementAtOrDefault(i) ?? "", line))];
    }

    /// <summary>Pictures gathered by label, each label on lines of its own.</summary>
    public static PictureLine[] ByLabel(IEnumerable<(string Label, float[] Picture)> pictures, PictureGridOptions options)
    {
        var groups = pictures.GroupBy(item => item.Label, item => item.Picture).ToArray();
        int columns = options.Columns > 0 ? options.Columns : MostOfLabel;
        return [.. from label in groups
                   from line in label.Chunk(columns).Index()
                   select new PictureLine(line.Index == 0 ? label.Key : "", line.Item)];
    }
}
