using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Writes picture files, whole or not at all.</summary>
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

    /// <summary>Writes a bitmap, in the format that the path names; makes the folder where it is missing.</summary>
    /// <param name="bitmap">The picture.</param>
    /// <param name="path">The path of the file.</param>
    /// <param name="quality">The quality of JPEG.</param>
    /// <exception cref="ArgumentException">The path names no format that is written.</exception>
    /// <exception cref="IOException">The file can not be written.</exception>
    public static void Save(SKBitmap bitmap, string path, int quality = PictureOptions.DefaultQuality)
    {
        CheckPath(path);
        AtomicFile.Write(path, stream => (IsPng(path) ? PictureEncoder.Png : PictureEncoder.Jpeg(quality)).Write(bitmap, stream));
    }

    /// <summary>Checks a path before any work is done for it.</summary>
    /// <exception cref="ArgumentException">The path names no format that is written.</exception>
    public static void CheckPath(string path)
    {
        AtomicFile.CheckPath(path);
        if (!IsPng(path) && !EndsIn(path, ".jpg") && !EndsIn(path, ".jpeg"))
            throw new ArgumentException($"Pictures are written as PNG or JPEG: expected a path that ends in .png, .jpg or .jpeg, got '{path}'.", nameof(path));
    }

    private static bool IsPng(string path) => EndsIn(path, ".png");

    private static bool EndsIn(string path, string extension) => Path.GetExtension(path).Equals(extension, StringComparison.OrdinalIgnoreCase);
}
