using System.Buffers.Binary;
using System.IO.Compression;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// A file of unsigned bytes in the IDX format of the MNIST family (LeCun, Cortes, Burges: "The MNIST database", file formats), gzipped or not:
/// two zeros, the type (8), the number of dimensions, the sizes as big-endian 32-bit numbers, the data.
/// </summary>
internal sealed class IdxFile : IDisposable
{
    private const byte UnsignedByte = 8;

    // Deflate's best is 1032 to 1: a header that claims more than that was not written with the data.
    private const long DeflateLimit = 1032;

    private readonly string _path;
    private readonly Stream _stream;

    private IdxFile(string path, Stream stream, int[] sizes)
    {
        _path = path;
        _stream = stream;
        Sizes = sizes;
    }

    /// <summary>The sizes; the first is the number of items.</summary>
    public IReadOnlyList<int> Sizes { get; }

    /// <summary>Opens a file and checks its header against the number of dimensions and the length of the file.</summary>
    /// <exception cref="InvalidDataException">The file is not of that kind; names the file, what was got and what was expected.</exception>
    public static IdxFile Open(string path, int dimensions, string content)
    {
        FileStream file = RegularFile.Open(path);
        try
        {
            bool zipped = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
            file.Position = 0;
            Stream stream = zipped ? new GZipStream(file, CompressionMode.Decompress) : file;
            byte[] header = new byte[4 + 4 * dimensions];
            int got = Read(path, stream, header);
            if (got < 4 || header[0] != 0 || header[1] != 0 || header[2] != UnsignedByte || header[3] != dimensions)
                throw new InvalidDataException(
                    $"'{path}' is no IDX file of {content}: expected it to begin with {0:x2} {0:x2} {UnsignedByte:x2} {dimensions:x2}, "
                    + $"got {(got == 0 ? "nothing" : Convert.ToHexStringLower(header.AsSpan(0, Math.Min(got, 4))).Chunk(2).Select(pair => new string(pair)).Aggregate((a, b) => $"{a} {b}"))}.");
            if (got < header.Length)
                throw new InvalidDataException($"'{path}' ends inside its header: got {got} bytes, expected {header.Length}.");
            int[] sizes = ReadSizes(path, header, dimensions);
            CheckLength(path, file.Length, zipped, header.Length, sizes);
            return new(path, stream, sizes);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next item.</summary>
    /// <param name="item">Its bytes; the product of all sizes but the first.</param>
    /// <param name="index">Its index, for the message.</param>
    public void ReadItem(Span<byte> item, int index)
    {
        if (Read(_path, _stream, item) < item.Length)
            throw new InvalidDataException($"'{_path}' is truncated: it ends in item {index}, expected {Sizes[0]} items as its header says.");
    }

    /// <summary>Checks that nothing follows the last item.</summary>
    public void ExpectEnd()
    {
        if (Read(_path, _stream, stackalloc byte[1]) != 0)
            throw new InvalidDataException($"'{_path}' goes on after the {Sizes[0]} items of its header.");
    }

    public void Dispose() => _stream.Dispose();

    private static int[] ReadSizes(string path, byte[] header, int dimensions)
    {
        int[] sizes = new int[dimensions];
        for (int i = 0; i < dimensions; i++)
        {
            uint size = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 + 4 * i));
            uint limit = i == 0 ? int.MaxValue : 1u << 14;
            if (size < 1 || size > limit)
                throw new InvalidDataException($"'{path}': size {i + 1} of its header is {size}, expected 1 to {limit}.");
            sizes[i] = (int)size;
        }
        return sizes;
    }

    private static void CheckLength(string path, long length, bool zipped, int header, int[] sizes)
    {
        // At most 2^31 · 2^14 · 2^14: no overflow.
        long expected = header + sizes.Aggregate(1L, (product, size) => product * size);
        if (!zipped && length != expected)
            throw new InvalidDataException($"'{path}' has {length} bytes, expected {expected} for the sizes {string.Join(" × ", sizes)} of its header.");
        if (zipped && expected / DeflateLimit > length)
            throw new InvalidDataException($"'{path}' has {length} compressed bytes, which can not hold the sizes {string.Join(" × ", sizes)} of its header.");
    }

    private static int Read(string path, Stream stream, Span<byte> buffer)
    {
        try
        {
            return stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"'{path}' is a damaged gzip file: {exception.Message}", exception);
        }
    }
}
