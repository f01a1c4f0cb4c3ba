using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Turns the values of a picture into a bitmap.</summary>
internal static class PictureBitmap
{
    /// <summary>Makes a bitmap.</summary>
    /// <param name="picture">[C, H, W]; 1 channel is grey, 3 are red, green and blue, 4 have alpha. Values outside the range are limited to it.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="minimum">The value of black.</param>
    /// <param name="maximum">The value of white.</param>
    /// <param name="scale">How many times it is enlarged.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="ArgumentException">The shape is none of a picture, is not that of the values, or a value is no finite number.</exception>
    public static SKBitmap Create(ReadOnlySpan<float> picture, DataShape shape, float minimum, float maximum, int scale = 1, string name = "The picture")
    {
        Check(shape);
        if (picture.Length != shape.Size)
            throw new ArgumentException($"A picture of {shape} has {shape.Size} values, got {picture.Length}.", nameof(picture));
        CheckNumbers(picture, shape, name);
        int channels = shape.Dimensions[0], height = shape.Dimensions[1], width = shape.Dimensions[2];
        if (4L * width * height * scale * scale > int.MaxValue)
            throw new ArgumentException($"A picture of {shape}, enlarged {scale} times, is too large to be drawn: take a smaller Scale.", nameof(scale));
        byte[] pixels = new byte[4 * width * height * scale * scale];
        int at = 0;
        for (int y = 0; y < height * scale; y++)
            for (int x = 0; x < width * scale; x++)
            {
                int place = y / scale * width + x / scale;
                for (int channel = 0; channel < 4; channel++)
                    pixels[at++] = channel == 3 && channels < 4
                        ? (byte)255
                        : ToByte(picture[(channels == 1 ? 0 : channel) * width * height + place], minimum, maximum);
            }
        var bitmap = new SKBitmap(new SKImageInfo(width * scale, height * scale, SKColorType.Rgba8888, channels == 4 ? SKAlphaType.Unpremul : SKAlphaType.Opaque));
        System.Runtime.InteropServices.Marshal.Copy(pixels, 0, bitmap.GetPixels(), pixels.Length);
        return bitmap;
    }

    /// <summary>Checks that a shape is a picture that can be drawn.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static void Check(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (!shape.IsImage || shape.Dimensions[0] is not (1 or 3 or 4))
            throw new ArgumentException($"Expected a picture of 1, 3 or 4 channels, got {shape}.", nameof(shape));
    }

    // A picture that failed must not look like a dark one.
    private static void CheckNumbers(ReadOnlySpan<float> picture, DataShape shape, string name)
    {
        int count = 0, first = -1;
        for (int i = 0; i < picture.Length; i++)
            if (!float.IsFinite(picture[i]) && count++ == 0)
                first = i;
        if (count == 0)
            return;
        int height = shape.Dimensions[1], width = shape.Dimensions[2];
        throw new ArgumentException(FormattableString.Invariant(
            $"{name} has {count} of {picture.Length} values that are NaN or infinite, which is no colour: the first is {picture[first]}, at channel {first / (height * width)}, line {first / width % height}, place {first % width}. Find the step of the pipeline that makes them, or leave the picture out."));
    }

    private static byte ToByte(float value, float minimum, float maximum) => (byte)Math.Clamp(MathF.Round((value - minimum) * (255 / (maximum - minimum))), 0, 255);
}
