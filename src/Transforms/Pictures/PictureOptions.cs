namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How a picture becomes PNG or JPEG.</summary>
public sealed class PictureOptions
{
    internal const int DefaultQuality = 90;

    /// <summary>How many times it is enlarged, each pixel to a crisp square; 1 to 64. Default: 1.</summary>
    public int Scale { get; set; } = 1;

    /// <summary>The value of black. Default: 0.</summary>
    public float Minimum { get; set; }

    /// <summary>The value of white. Default: 255.</summary>
    public float Maximum { get; set; } = 255;

    /// <summary>The quality of JPEG, 1 to 100; PNG is without loss. Default: 90.</summary>
    public int Quality { get; set; } = DefaultQuality;

    /// <summary>The shape of a picture where a column is a vector without one. Default: the column's own counts.</summary>
    public DataShape? ImageShape { get; set; }

    internal void Validate()
    {
        if (Scale is < 1 or > 64)
            throw new ArgumentOutOfRangeException(nameof(Scale), $"Expected 1 to 64, got {Scale}.");
        if (Quality is < 1 or > 100)
            throw new ArgumentOutOfRangeException(nameof(Quality), $"Expected 1 to 100, got {Quality}.");
        _ = new PixelCodec(Minimum, Maximum);
    }
}
