using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Decodes a picture file to bytes of a given size: upright, on white, cropped at the centre to the shape asked for, resized.</summary>
/// <param name="shape">[C, H, W]; 1 channel (luma of Rec. 601) or 3 (red, green, blue).</param>
/// <param name="maximumEnlargement">The most a picture may be enlarged.</param>
internal sealed class ImageDecoder(DataShape shape, double maximumEnlargement)
{
    // 512 MB decoded: more is a mistake or an attack.
    private const long PixelLimit = 1L << 27;

    private readonly int _channels = shape.Dimensions[0];
    private readonly int _height = shape.Dimensions[1];
    private readonly int _width = shape.Dimensions[2];

    /// <summary>Reads a file.</summary>
    /// <returns>[C, H, W], a byte each.</returns>
    /// <exception cref="InvalidDataException">The file can not be used; names it and says why.</exception>
    public byte[] Decode(string path)
    {
        using SKBitmap bitmap = Upright(path);
        double enlargement = Math.Max((double)_width / bitmap.Width, (double)_height / bitmap.Height);
        if (enlargement > maximumEnlargement)
            throw new InvalidDataException(
                $"'{path}' is too small: its {bitmap.Width} × {bitmap.Height} pixels would be enlarged {enlargement:0.#} times to fill {_width} × {_height}, at most {maximumEnlargement:0.#} is allowed.");

        // The largest centred rectangle of the aspect asked for.
        double scale = Math.Min((double)bitmap.Width / _width, (double)bitmap.Height / _height);
        int cropWidth = Math.Clamp((int)Math.Round(_width * scale), 1, bitmap.Width);
        int cropHeight = Math.Clamp((int)Math.Round(_height * scale), 1, bitmap.Height);
        byte[] result = new byte[shape.Size];
        byte[] plane = new byte[bitmap.Width * bitmap.Height];
        for (int channel = 0; channel < _channels; channel++)
        {
            FillPlane(bitmap.GetPixelSpan(), plane, channel);
            Resampler.Resize(
                plane, bitmap.Width, (bitmap.Width - cropWidth) / 2, (bitmap.Height - cropHeight) / 2, cropWidth, cropHeight,
                result.AsSpan(channel * _width * _height, _width * _height), _width, _height);
        }
        return result;
    }

    private void FillPlane(ReadOnlySpan<byte> rgba, byte[] plane, int channel)
    {
        for (int i = 0; i < plane.Length; i++)
        {
            ReadOnlySpan<byte> pixel = rgba.Slice(4 * i, 4);
            plane[i] = _channels == 1
                ? (byte)((299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2] + 500) / 1000)
                : pixel[channel];
        }
    }

    // Decoded on white, turned as its EXIF orientation says; RGBA, rows without gaps.
    private static SKBitmap Upright(string path)
    {
        using SKData data = SKData.Create(path) ?? throw new InvalidDataException($"'{path}' can not be read.");
        using SKCodec codec = SKCodec.Create(data) ?? throw new InvalidDataException($"'{path}' is no picture in a known format (PNG, JPEG, BMP, GIF, WebP).");
        SKImageInfo info = new(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Premul);
        if ((long)info.Width * info.Height > PixelLimit)
            throw new InvalidDataException($"'{path}' has {info.Width} × {info.Height} pixels, more than the {PixelLimit} that are read.");
        using var decoded = new SKBitmap(info);
        SKCodecResult result = codec.GetPixels(info, decoded.GetPixels());
        if (result != SKCodecResult.Success)
            throw new InvalidDataException($"'{path}' can not be decoded: {(result == SKCodecResult.IncompleteInput ? "it is truncated" : result)}.");

        bool turned = codec.EncodedOrigin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        SKBitmap upright = new(new SKImageInfo(
            turned ? info.Height : info.Width, turned ? info.Width : info.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(upright);
        canvas.Clear(SKColors.White);
        canvas.SetMatrix(Orientation(codec.EncodedOrigin, info.Width, info.Height));
        canvas.DrawBitmap(decoded, 0, 0);
        canvas.Flush();
        return upright;
    }

    // From stored to upright coordinates (EXIF 2.3, Orientation); w and h are the stored sizes.
    private static SKMatrix Orientation(SKEncodedOrigin origin, int w, int h) => origin switch
    {
        SKEncodedOrigin.TopRight => new(-1, 0, w, 0, 1, 0, 0, 0, 1),
        SKEncodedOrigin.BottomRight => new(-1, 0, w, 0, -1, h, 0, 0, 1),
        SKEncodedOrigin.BottomLeft => new(1, 0, 0, 0, -1, h, 0, 0, 1),
        SKEncodedOrigin.LeftTop => new(0, 1, 0, 1, 0, 0, 0, 0, 1),
        SKEncodedOrigin.RightTop => new(0, -1, h, 1, 0, 0, 0, 0, 1),
        SKEncodedOrigin.RightBottom => new(0, -1, h, -1, 0, w, 0, 0, 1),
        SKEncodedOrigin.LeftBottom => new(0, 1, 0, -1, 0, w, 0, 0, 1),
        _ => SKMatrix.Identity,
    };
}
