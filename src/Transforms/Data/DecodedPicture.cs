using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The pixels of a picture as they are stored, seen upright and on white.</summary>
/// <param name="pixels">Red, green, blue and alpha, colours multiplied by alpha; row by row as stored.</param>
/// <param name="width">The stored width.</param>
/// <param name="height">The stored height.</param>
/// <param name="origin">How it has to be turned (EXIF 2.3, Orientation).</param>
internal sealed class DecodedPicture(byte[] pixels, int width, int height, SKEncodedOrigin origin)
{
    /// <summary>The most pixels of a picture: 512 MB decoded; more is a mistake or an attack.</summary>
    public const long PixelLimit = 1L << 27;

    private bool IsTurned => origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;

    /// <summary>The upright width.</summary>
    public int Width => IsTurned ? height : width;

    /// <summary>The upright height.</summary>
    public int Height => IsTurned ? width : height;

    /// <summary>Gives one channel.</summary>
    /// <param name="plane">Where it goes, row by row, upright.</param>
    /// <param name="channel">0, 1 or 2 for red, green or blue; null for the luma of Rec. 601.</param>
    public void FillPlane(byte[] plane, int? channel)
    {
        // The stored place of the first upright pixel, and the steps to the pixel at its right and below.
        int last = width - 1, bottom = (height - 1) * width;
        (int start, int right, int down) = origin switch
        {
            SKEncodedOrigin.TopRight => (last, -1, width),
            SKEncodedOrigin.BottomRight => (bottom + last, -1, -width),
            SKEncodedOrigin.BottomLeft => (bottom, 1, -width),
            SKEncodedOrigin.LeftTop => (0, width, 1),
            SKEncodedOrigin.RightTop => (bottom, -width, 1),
            SKEncodedOrigin.RightBottom => (bottom + last, -width, -1),
            SKEncodedOrigin.LeftBottom => (last, width, -1),
            _ => (0, 1, width),
        };
        for (int y = 0; y < Height; y++)
            for (int x = 0, place = start + y * down; x < Width; x++, place += right)
            {
                ReadOnlySpan<byte> pixel = pixels.AsSpan(4 * place, 4);
                int white = 255 - pixel[3];
                plane[y * Width + x] = (byte)(white + (channel is { } one ? pixel[one] : (299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2] + 500) / 1000));
            }
    }
}
