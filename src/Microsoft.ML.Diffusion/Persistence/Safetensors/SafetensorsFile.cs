using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A safetensors file: named tensors of any number type, and texts about them. Opening reads and checks the header alone; tensors are read when asked for.
/// </summary>
/// <remarks>
/// Reading is thread safe. A malformed file is refused with <see cref="InvalidDataException"/>, within memory in proportion to what the file has, never to what it
/// claims. Format: https://github.com/huggingface/safetensors. For streams, <see cref="SafetensorsReader"/> and <see cref="SafetensorsWriter"/>.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    private const int PieceBytes = 1 << 16;

    private readonly string _path;
    private readonly FileStream _file;
    private readonly SafetensorsReader _header;
    private readonly Dictionary<string, (SafetensorsEntry Entry, long Begin)> _places = [];

    private SafetensorsFile(string path, FileStream file)
    {
        _path = path;
        _file = file;
        _header = new SafetensorsReader(file);
        long begin = file.Position;
        foreach (var entry in _header.Entries)
        {
            _places.Add(entry.Name, (entry, begin));
            begin += entry.ByteCount;
        }
    }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => _header.Entries;

    /// <summary>What the file says about itself.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header: the tensors fill the rest of it without hole, overlap or remainder.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is malformed; says how.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // The file may be replaced by a newer one while it is open.
        var file = RegularFile.Open(path, FileShare.Read | FileShare.Delete, bufferSize: 0);
        try
        {
            return new SafetensorsFile(path, file);
        }
        catch (Exception exception)
        {
            file.Dispose();
            if (exception is InvalidDataException)
                throw Refused(path, exception);
            throw;
        }
    }

    /// <summary>Writes tensors to a file, ordered as the reference library orders them (wider types first, then by name): equal tensors give equal bytes.</summary>
    /// <param name="path">The file; written as a whole or not at all, so that a failure leaves an older one as it was.</param>
    /// <param name="tensors">The tensors by name, on any device; not the file's to dispose.</param>
    /// <param name="metadata">What the file says about itself; <c>format: pt</c> is what Python's loader expects of PyTorch weights.</param>
    /// <exception cref="ArgumentException">A tensor's type has no counterpart (<see cref="SafetensorsType.Of"/>), or its name is reserved or no valid text.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        var order = SafetensorsType.All.Select((type, place) => (type, place)).ToDictionary(item => item.type, item => item.place);
        var entries = tensors.Select(item => EntryOf(item.Key, item.Value))
            .OrderByDescending(entry => order[entry.Type]).ThenBy(entry => entry.Name, StringComparer.Ordinal).ToArray();
        AtomicFile.Write(path, stream =>
        {
            var writer = new SafetensorsWriter(stream, entries, metadata);
            foreach (var entry in entries)
                TensorBytes.Read(tensors[entry.Name], bytes => writer.Write(bytes));
            writer.Complete();
        });
    }

    /// <summary>What the file says of a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Null where there is none.</returns>
    public SafetensorsEntry? Find(string name) => _places.TryGetValue(name, out var place) ? place.Entry : null;

    /// <summary>Reads a tensor. Types that torch lacks become the next wider one that it has: <see cref="SafetensorsType.TensorType"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="device">Where it shall live; the CPU unless given.</param>
    /// <exception cref="KeyNotFoundException">There is none of this name.</exception>
    /// <exception cref="NotSupportedException">Torch has no type for its numbers of 4 or 6 bits; <see cref="ReadBytes"/> reads them.</exception>
    /// <exception cref="InvalidDataException">A BOOL is neither 0 nor 1, a U64 exceeds Int64, or the file has been cut since it was opened.</exception>
    public Tensor Read(string name, Device? device = null)
    {
        var (entry, begin) = Locate(name);
        var type = entry.Type.TensorType ?? throw new NotSupportedException($"Torch has no type for the numbers of {entry}: read its bytes.");
        var host = empty([.. entry.Shape], type, CPU);
        try
        {
            TensorBytes.Write(host, bytes => begin += ReadPiece(entry, begin, bytes, host.ElementSize));
            return device is null || device.type == DeviceType.CPU ? host : host.to(device, disposeAfter: true);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Reads bytes of a tensor as they stand in the file, little-endian.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="bytes">Receives them; all of it is filled.</param>
    /// <param name="offset">The first byte to read, counted from the tensor's first.</param>
    /// <exception cref="KeyNotFoundException">There is none of this name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has no such bytes.</exception>
    /// <exception cref="InvalidDataException">The file has been cut since it was opened.</exception>
    public void ReadBytes(string name, Span<byte> bytes, long offset = 0)
    {
        var (entry, begin) = Locate(name);
        if (offset < 0 || offset > entry.ByteCount - bytes.Length)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{entry} has {entry.ByteCount} bytes; {bytes.Length} were asked for from byte {offset}.");
        ReadAt(entry, begin + offset, bytes);
    }

    /// <summary>Closes the file. Tensors that were read are not affected.</summary>
    public void Dispose() => _file.Dispose();

    private static SafetensorsEntry EntryOf(string name, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        var type = SafetensorsType.Of(tensor.dtype)
            ?? throw new ArgumentException($"Tensor '{name}' is {tensor.dtype}, which safetensors files do not know; they know {string.Join(", ", SafetensorsType.All)}.", nameof(tensor));
        return new SafetensorsEntry(name, type, tensor.shape);
    }

    private static InvalidDataException Refused(string path, Exception exception) => new($"'{path}': {exception.Message}", exception);

    private (SafetensorsEntry Entry, long Begin) Locate(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _places.TryGetValue(name, out var place) ? place
            : throw new KeyNotFoundException($"'{_path}' has no tensor '{name}'; it has {Entries.Count}{(Entries.Count > 0 ? $", the first {Entries[0]}" : "")}.");
    }

    // Returns the number of the file's bytes.
    private long ReadPiece(SafetensorsEntry entry, long begin, Span<byte> target, long size)
    {
        if (entry.Type.ToTensor is not { } convert)
        {
            ReadAt(entry, begin, target);
            if (entry.Type == SafetensorsType.Bool && target.ContainsAnyExceptInRange((byte)0, (byte)1))
                throw Refused(_path, SafetensorsHeader.Invalid($"a number of {entry} is neither 0 nor 1"));
            return target.Length;
        }
        int from = entry.Type.Bits / 8, to = (int)size;
        var piece = new byte[Math.Min((long)target.Length / to * from, PieceBytes)];
        long read = 0;
        for (int count; target.Length > 0; target = target[(count * to)..])
        {
            count = Math.Min(target.Length / to, piece.Length / from);
            var bytes = piece.AsSpan(0, count * from);
            ReadAt(entry, begin + read, bytes);
            read += bytes.Length;
            try
            {
                convert(bytes, target[..(count * to)]);
            }
            catch (OverflowException exception)
            {
                throw Refused(_path, SafetensorsHeader.Invalid($"a number of {entry} exceeds {entry.Type.TensorType}, the widest that torch has: read its bytes", exception));
            }
        }
        return read;
    }

    private void ReadAt(SafetensorsEntry entry, long position, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int count = RandomAccess.Read(_file.SafeFileHandle, bytes, position);
            if (count == 0)
                throw Refused(_path, SafetensorsHeader.Invalid($"it ends within tensor {entry}"));
            position += count;
            bytes = bytes[count..];
        }
    }
}
