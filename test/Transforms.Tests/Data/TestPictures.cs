using SkiaSharp;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Makes picture files.</summary>
internal static class TestPictures
{
    /// <summary>A picture of one colour.</summary>
    public static void Plain(string path, int width, int height, SKColor color, SKEncodedImageFormat format = SKEncodedImageFormat.Png) =>
        Draw(path, width, height, canvas => canvas.Clear(color), format);

    public static void Draw(string path, int width, int height, Action<SKCanvas> draw, SKEncodedImageFormat format = SKEncodedImageFormat.Png)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        using (var canvas = new SKCanvas(bitmap))
            draw(canvas);
        using FileStream stream = File.Create(path);
        Assert.IsTrue(bitmap.Encode(stream, format, 100));
    }

    /// <summary>A 24-bit BMP of one colour, which Skia reads but does not write.</summary>
    public static void Bmp(string path, int width, int height, SKColor color)
    {
        int stride = (3 * width + 3) / 4 * 4;
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write("BM"u8);
        writer.Write(54 + stride * height);
        writer.Write(0);
        writer.Write(54);
        writer.Write(40);
        writer.Write(width);
        writer.Write(height);
        writer.Write((short)1);
        writer.Write((short)24);
        writer.Write(new byte[24]);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                writer.Write([color.Blue, color.Green, color.Red]);
            writer.Write(new byte[stride - 3 * width]);
        }
    }

    /// <summary>A JPEG that says in its EXIF block how it has to be turned.</summary>
    public static void Jpeg(string path, int width, int height, Action<SKCanvas> draw, byte orientation)
    {
        Draw(path, width, height, draw, SKEncodedImageFormat.Jpeg);
        byte[] jpeg = File.ReadAllBytes(path);
        byte[] exif = [0xff, 0xe1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
        File.WriteAllBytes(path, [.. jpeg[..2], .. exif, .. jpeg[2..]]);
    }
}
