using SkiaSharp;

namespace Serving;

/// <summary>Pictures [3, 32, 32] with values from 0 to 255 as PNG.</summary>
internal static class Png
{
    private const int Size = 32;

    public static byte[] Of(float[] values)
    {
        using var bitmap = new SKBitmap(Size, Size);
        for (int y = 0; y < Size; y++)
            for (int x = 0; x < Size; x++)
                bitmap.SetPixel(x, y, new SKColor(Value(0, y, x), Value(1, y, x), Value(2, y, x)));
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();

        byte Value(int channel, int y, int x) => (byte)Math.Round(values[(channel * Size + y) * Size + x]);
    }
}
