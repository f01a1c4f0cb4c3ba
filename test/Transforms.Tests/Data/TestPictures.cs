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

    /// <summary>A picture that says in its EXIF block how it has to be turned.</summary>
    public static void Turned(string path, int width, int height, Action<SKCanvas> draw, byte orientation, SKEncodedImageFormat format = SKEncodedImageFormat.Jpeg)
    {
        Draw(path, width, height, draw, format);
        byte[] file = File.ReadAllBytes(path);
        byte[] tiff = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
        File.WriteAllBytes(path, format switch
        {
            SKEncodedImageFormat.Jpeg => [.. file[..2], 0xff, 0xe1, 0, 34, .. "Exif\0\0"u8, .. tiff, .. file[2..]],
            // After the header of 13 bytes.
            SKEncodedImageFormat.Png => [.. file[..33], 0, 0, 0, (byte)tiff.Length, .. Summed([.. "eXIf"u8, .. tiff]), .. file[33..]],
            SKEncodedImageFormat.Webp => Riff([
                .. "WEBPVP8X"u8, 10, 0, 0, 0, 8, 0, 0, 0, (byte)(width - 1), 0, 0, (byte)(height - 1), 0, 0, .. file[12..], .. "EXIF"u8, (byte)tiff.Length, 0, 0, 0, .. tiff]),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        });
    }

    private static byte[] Riff(byte[] content) => [.. "RIFF"u8, .. BitConverter.GetBytes(content.Length), .. content];

    // With the sum of PNG behind it: CRC-32, the highest byte first.
    private static byte[] Summed(byte[] content)
    {
        uint sum = uint.MaxValue;
        foreach (byte value in content)
        {
            sum ^= value;
            for (int bit = 0; bit < 8; bit++)
                sum = sum % 2 == 1 ? sum >> 1 ^ 0xedb88320 : sum >> 1;
        }
        sum = ~sum;
        return [.. content, (byte)(sum >> 24), (byte)(sum >> 16), (byte)(sum >> 8), (byte)sum];
    }
}
