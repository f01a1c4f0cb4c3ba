using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A format in which pictures are written.</summary>
internal sealed class PictureEncoder
{
    private readonly SKEncodedImageFormat _format;
    private readonly int _quality;

    private PictureEncoder(SKEncodedImageFormat format, int quality) => (_format, _quality) = (format, quality);

    /// <summary>PNG, without loss.</summary>
    public static PictureEncoder Png { get; } = new(SKEncodedImageFormat.Png, 100);

    /// <summary>JPEG, which has no transparency: it is white.</summary>
    /// <param name="quality">1 to 100.</param>
    public static PictureEncoder Jpeg(int quality) => new(SKEncodedImageFormat.Jpeg, quality);

    /// <summary>Writes a picture.</summary>
    /// <param name="bitmap">The picture.</param>
    /// <param name="stream">The stream, which stays open. It is flushed, so that what it can not write fails here.</param>
    public void Write(SKBitmap bitmap, Stream stream)
    {
        using SKData data = Encode(bitmap);
        stream.Write(data.AsSpan());
        stream.Flush();
    }

    /// <summary>The bytes of a picture.</summary>
    /// <param name="bitmap">The picture.</param>
    public byte[] ToBytes(SKBitmap bitmap)
    {
        using SKData data = Encode(bitmap);
        return data.ToArray();
    }

    private SKData Encode(SKBitmap bitmap)
    {
        if (_format is not SKEncodedImageFormat.Jpeg || bitmap.AlphaType is SKAlphaType.Opaque)
            return EncodeAsIs(bitmap);
        using var opaque = new SKBitmap(bitmap.Info.WithAlphaType(SKAlphaType.Opaque));
        using var canvas = new SKCanvas(opaque);
        canvas.Clear(SKColors.White);
        canvas.DrawBitmap(bitmap, 0, 0);
        canvas.Flush();
        return EncodeAsIs(opaque);
    }

    private SKData EncodeAsIs(SKBitmap bitmap) => bitmap.Encode(_format, _quality)
        ?? throw new InvalidOperationException($"A picture of {bitmap.Width} × {bitmap.Height} pixels can not be encoded as {_format}.");
}
