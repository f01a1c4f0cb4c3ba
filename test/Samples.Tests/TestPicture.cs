using SkiaSharp;

namespace Samples.Tests;

/// <summary>Pictures of one colour, as files.</summary>
internal static class TestPicture
{
    public static void Save(string path, int width, int height, SKColor color)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(color);
        using FileStream stream = File.Create(path);
        Assert.IsTrue(bitmap.Encode(stream, SKEncodedImageFormat.Png, 100));
    }
}
