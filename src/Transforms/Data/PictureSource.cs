using System.Runtime.InteropServices;
using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A picture file whose header has been read.</summary>
/// <remarks>Its bytes are read, not mapped: a file that is cut meanwhile is an error then, not the end of the process.</remarks>
internal sealed class PictureSource : IDisposable
{
    private readonly string _path;
    private readonly GCHandle _file;
    private readonly SKData _data;
    private readonly SKCodec? _codec;
    private readonly SKEncodedOrigin _origin;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="InvalidDataException">It is no picture, or too large.</exception>
    /// <exception cref="IOException">It can not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public PictureSource(string path)
    {
        _path = path;
        byte[] file = RegularFile.ReadAllBytes(path, limit: 4 * DecodedPicture.PixelLimit);
        _file = GCHandle.Alloc(file, GCHandleType.Pinned);
        _data = SKData.Create(_file.AddrOfPinnedObject(), file.Length);
        if (SKCodec.Create(_data) is not { } codec)
        {
            Dispose();
            throw new InvalidDataException($"'{path}' is no picture in a known format (PNG, JPEG, BMP, GIF, WebP).");
        }
        _codec = codec;
        _origin = codec.EncodedOrigin is SKEncodedOrigin.TopLeft ? ExifOrientation.Of(file) : codec.EncodedOrigin;
        if (Pixels <= DecodedPicture.PixelLimit)
            return;
        string size = $"{codec.Info.Width} × {codec.Info.Height}";
        Dispose();
        throw new InvalidDataException($"'{path}' has {size} pixels, more than the {DecodedPicture.PixelLimit} that are read.");
    }

    /// <summary>The number of pixels.</summary>
    public long Pixels => (long)Codec.Info.Width * Codec.Info.Height;

    private SKCodec Codec => _codec!;

    /// <summary>Decodes it.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public DecodedPicture Decode()
    {
        SKImageInfo info = new(Codec.Info.Width, Codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Premul);
        byte[] pixels = new byte[4 * Pixels];
        GCHandle pinned = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        try
        {
            SKCodecResult result = Codec.GetPixels(info, pinned.AddrOfPinnedObject());
            return result == SKCodecResult.Success
                ? new DecodedPicture(pixels, info.Width, info.Height, _origin)
                : throw new InvalidDataException($"'{_path}' can not be decoded: {(result == SKCodecResult.IncompleteInput ? "it is truncated" : result)}.");
        }
        finally
        {
            pinned.Free();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _codec?.Dispose();
        _data.Dispose();
        _file.Free();
    }
}
