namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How pictures are laid out on a sheet.</summary>
public sealed class PictureGridOptions
{
    /// <summary>The title above everything; none unless set.</summary>
    public string? Title { get; set; }

    /// <summary>
    /// The column (text, key with text values, or a number) by whose value rows are gathered: each value gets lines of its own, with the value
    /// at the left, in the order in which the values first appear. None unless set. Only for data from an IDataView.
    /// </summary>
    public string? LabelColumn { get; set; }

    /// <summary>The most pictures in a line; 0, the default, is chosen by their number: one line for each label up to 16 pictures, else about 3 : 2.</summary>
    public int Columns { get; set; }

    /// <summary>The titles at the left of the lines, from the top; none unless set. Not together with <see cref="LabelColumn"/>.</summary>
    public IReadOnlyList<string>? RowTitles { get; set; }

    /// <summary>The titles above the columns, from the left; none unless set.</summary>
    public IReadOnlyList<string>? ColumnTitles { get; set; }

    /// <summary>How many times a picture is enlarged, each pixel to a crisp square; 0, the default, makes the longer side about 72 pixels.</summary>
    public int Scale { get; set; }

    /// <summary>The space between pictures, in pixels. 6 unless set.</summary>
    public int Spacing { get; set; } = 6;

    /// <summary>The value of black. 0 unless set.</summary>
    public float Minimum { get; set; }

    /// <summary>The value of white. 255 unless set.</summary>
    public float Maximum { get; set; } = 255;

    /// <summary>The shape of a picture where the column is a vector without one; otherwise the column's own counts.</summary>
    public DataShape? ImageShape { get; set; }

    /// <summary>The most pictures taken from an IDataView; those after them are not shown. 400 unless set.</summary>
    public int Limit { get; set; } = 400;

    internal void Validate()
    {
        Require(Columns is >= 0 and <= 1000, nameof(Columns), Columns, "0 to 1000");
        Require(Scale is >= 0 and <= 64, nameof(Scale), Scale, "0 to 64");
        Require(Spacing is >= 0 and <= 100, nameof(Spacing), Spacing, "0 to 100");
        Require(Limit is >= 1 and <= 10_000, nameof(Limit), Limit, "1 to 10000");
        _ = new PixelCodec(Minimum, Maximum);
        if (LabelColumn is not null && RowTitles is not null)
            throw new ArgumentException($"{nameof(LabelColumn)} and {nameof(RowTitles)} both title the lines: expected one of them.");
    }

    private static void Require(bool valid, string name, int value, string accepted)
    {
        if (!valid)
            throw new ArgumentOutOfRangeException(name, $"Expected {accepted}, got {value}.");
    }
}
