namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How pictures are written to files of their own.</summary>
public sealed class PictureFilesOptions
{
    /// <summary>The column whose value begins the file name; none unless set. Characters that file systems do not like become '_'.</summary>
    public string? LabelColumn { get; set; }

    /// <summary>How many times a picture is enlarged, each pixel to a crisp square. 1 unless set; 1 to 64.</summary>
    public int Scale { get; set; } = 1;

    /// <summary>The value of black. 0 unless set.</summary>
    public float Minimum { get; set; }

    /// <summary>The value of white. 255 unless set.</summary>
    public float Maximum { get; set; } = 255;

    /// <summary>The shape of a picture where the column is a vector without one; otherwise the column's own counts.</summary>
    public DataShape? ImageShape { get; set; }

    internal void Validate()
    {
        if (Scale is < 1 or > 64)
            throw new ArgumentOutOfRangeException(nameof(Scale), $"Expected 1 to 64, got {Scale}.");
        _ = new PixelCodec(Minimum, Maximum);
    }
}
