using System.Buffers.Binary;
using SkiaSharp;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Reads how a PNG or WebP has to be turned, which the decoder says of JPEG alone.</summary>
/// <remarks>PNG third edition, 11.3.3.7 (eXIf); WebP Container Specification, Metadata; EXIF 2.3, tag 0x0112 of the first directory. What is damaged says nothing.</remarks>
internal static class ExifOrientation
{
    private const ushort Orientation = 0x0112, Short = 3;

    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    /// <summary>The orientation that a file states; upright where it states none.</summary>
    /// <param name="file">The whole file.</param>
    public static SKEncodedOrigin Of(ReadOnlySpan<byte> file)
    {
        var exif = file.StartsWith(PngSignature)
            ? Find(file[8..], "eXIf"u8, isPng: true)
            : file.Length > 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8) ? Find(file[12..], "EXIF"u8, isPng: false) : default;
        return Read(exif.StartsWith("Exif\0\0"u8) ? exif[6..] : exif);
    }

    // PNG: length, name, content, sum, the highest byte first. WebP: name, length, content up to an even place, the lowest byte first.
    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> chunks, ReadOnlySpan<byte> name, bool isPng)
    {
        while (chunks.Length >= 8)
        {
            uint length = isPng ? BinaryPrimitives.ReadUInt32BigEndian(chunks) : BinaryPrimitives.ReadUInt32LittleEndian(chunks[4..]);
            long next = 8 + (isPng ? (long)length + 4 : (long)length + length % 2);
            if (8 + (long)length > chunks.Length)
                return default;
            if (chunks.Slice(isPng ? 4 : 0, 4).SequenceEqual(name))
                return chunks.Slice(8, (int)length);
            chunks = next < chunks.Length ? chunks[(int)next..] : default;
        }
        return default;
    }

    private static SKEncodedOrigin Read(ReadOnlySpan<byte> tiff)
    {
        bool little = tiff.StartsWith("II*\0"u8);
        if (!little && !tiff.StartsWith("MM\0*"u8) || tiff.Length < 8)
            return SKEncodedOrigin.TopLeft;
        uint directory = Number(tiff[4..], 4, little);
        if (directory + 2L > tiff.Length)
            return SKEncodedOrigin.TopLeft;
        uint count = Number(tiff[(int)directory..], 2, little);
        for (long at = directory + 2L; count > 0 && at + 12 <= tiff.Length; at += 12, count--)
        {
            ReadOnlySpan<byte> entry = tiff.Slice((int)at, 12);
            if (Number(entry, 2, little) == Orientation && Number(entry[2..], 2, little) == Short && Number(entry[8..], 2, little) is >= 1 and <= 8 and var value)
                return (SKEncodedOrigin)value;
        }
        return SKEncodedOrigin.TopLeft;
    }

    private static uint Number(ReadOnlySpan<byte> bytes, int size, bool little) => (size, little) switch
    {
        (2, true) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        (2, false) => BinaryPrimitives.ReadUInt16BigEndian(bytes),
        (_, true) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt32BigEndian(bytes),
    };
}
