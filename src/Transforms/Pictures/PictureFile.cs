using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Writes PNG files, whole or not at all.</summary>
internal static class PictureFile
{
    private static readonly Lazy<bool> _canDraw = new(() =>
    {
        try
        {
            using var bitmap = new SKBitmap(1, 1);
            return true;
        }
        catch (Exception exception) when (exception is DllNotFoundException or TypeInitializationException)
        {
            return false;
        }
    });

    /// <summary>Whether the program brings SkiaSharp's native library.</summary>
    public static bool CanDraw => _canDraw.Value;

    /// <summary>Writes a bitmap; makes the folder where it is missing.</summary>
    /// <exception cref="ArgumentException">The path does not end in .png.</exception>
    /// <exception cref="IOException">The file can not be written.</exception>
    public static void Save(SKBitmap bitmap, string path)
    {
        CheckPath(path);
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100)
            ?? throw new InvalidOperationException($"A picture of {bitmap.Width} × {bitmap.Height} pixels can not be encoded as PNG.");
        AtomicFile.Write(path, data.SaveTo);
    }

    /// <summary>Checks a path before any work is done for it.</summary>
    public static void CheckPath(string path)
    {
        AtomicFile.CheckPath(path);
        if (!Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"Pictures are written as PNG: expected a path that ends in .png, got '{path}'.", nameof(path));
    }
}
