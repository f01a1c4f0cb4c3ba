using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Reads what <see cref="ModelWriter"/> wrote; nothing is used before its length and SHA-256 sum were checked.</summary>
internal sealed class ModelReader
{
    private const int LongestList = 1 << 20;

    /// <summary>The most bytes of JSON that a stream holds: what is read before its parts are checked. Weights are no JSON.</summary>
    internal const int LongestJson = 1 << 30;

    private readonly ModelLoadContext _context;
    private readonly ModelKind _kind;
    private readonly Dictionary<string, StreamSeal> _seals;

    public ModelReader(ModelLoadContext context, ModelKind kind)
    {
        _context = context;
        _kind = kind;
        if (context.Header.ModelVerReadable > kind.Version)
            throw Bad($"was written by a newer version of Microsoft.ML.Diffusion: its format is {context.Header.ModelVerReadable:x8}, this version reads up to {kind.Version:x8}. Update the Microsoft.ML.Diffusion packages");
        Guard(() => context.CheckAtModel(new VersionInfo(kind.Signature, kind.Version, kind.Version, kind.Version, typeof(ModelReader).Assembly.FullName, kind.Loader)));
        _seals = Guard(ReadSeals);
    }

    /// <summary>Reads an object from JSON.</summary>
    /// <exception cref="FormatException">The stream is missing or damaged.</exception>
    public T Json<T>(string name)
        where T : class
        => Json<T>(name, ModelJson.Options);

    /// <summary>Reads an object from JSON, and the weights of each network in it.</summary>
    /// <param name="name">The name of the stream.</param>
    /// <param name="device">The device for the weights.</param>
    /// <exception cref="FormatException">A stream is missing or damaged.</exception>
    public T JsonWithWeights<T>(string name, Device device)
        where T : class
    {
        var shelf = NetworkShelf.ForReading((number, inventory)
            => Read(ModelWriter.WeightsName(number), stream => SafetensorsParameters.Load(stream, inventory, device, Precision.Float32)));
        try
        {
            return Json<T>(name, shelf.Options);
        }
        catch
        {
            foreach (var network in shelf.Networks)
                network.Dispose();
            throw;
        }
    }

    /// <summary>Reads a stream.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="read">Takes the checked stream at its start; it can seek.</param>
    /// <exception cref="FormatException">The stream is missing or damaged.</exception>
    public T Read<T>(string name, Func<Stream, T> read)
    {
        var seal = _seals.GetValueOrDefault(name) ?? throw Damaged($"its list of streams does not name '{name}'");
        return Guard(() =>
        {
            T? result = default;
            bool found = _context.TryLoadBinaryStream(name, reader =>
            {
                var stream = reader.BaseStream;
                if (stream.Length != seal.Length)
                    throw Damaged($"stream '{name}' has {stream.Length} bytes instead of {seal.Length}");
                if (!SHA256.HashData(stream).AsSpan().SequenceEqual(seal.Hash))
                    throw Damaged($"the checksum of stream '{name}' does not match its content");
                stream.Position = 0;
                result = read(stream);
            });
            return found ? result! : throw Damaged($"stream '{name}' is missing");
        });
    }

    // The text is read whole first, because streams of the file are not opened within each other.
    private T Json<T>(string name, JsonSerializerOptions options)
        where T : class
    {
        byte[] json = Read(name, stream =>
        {
            if (stream.Length > LongestJson)
                throw Damaged($"stream '{name}' has {stream.Length} bytes; configurations have at most {LongestJson}");
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        });
        return Guard(() => Parse<T>(json, options)) ?? throw Damaged($"stream '{name}' is empty");
    }

    private T? Parse<T>(byte[] json, JsonSerializerOptions options)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, options);
        }
        catch (JsonException)
        {
            // Nothing is damaged where only this program knows less than the one that wrote the file.
            using var document = JsonDocument.Parse(json);
            if (Kinds.FirstUnknown(document.RootElement, typeof(T).Assembly) is { } unknown)
                throw Bad($"can not be read here: {unknown}");
            throw;
        }
    }

    private Dictionary<string, StreamSeal> ReadSeals()
    {
        int length = _context.Reader.ReadInt32();
        if (length is < 4 or > LongestList)
            throw Damaged("its list of streams has an impossible length");
        byte[] list = _context.Reader.ReadBytes(length);
        byte[] hash = _context.Reader.ReadBytes(SHA256.HashSizeInBytes);
        if (list.Length != length || !SHA256.HashData(list).AsSpan().SequenceEqual(hash))
            throw Damaged("the checksum of its list of streams does not match");
        return StreamSeal.Read(list).ToDictionary(seal => seal.Name);
    }

    /// <summary>Makes a transformer of what is read.</summary>
    /// <param name="make">Reads and checks; what it refuses is wrong in the file.</param>
    /// <exception cref="FormatException">A stream is missing or damaged, or what it says is not possible.</exception>
    public ITransformer Make(Func<ModelReader, ITransformer> make)
    {
        try
        {
            return make(this);
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException or InvalidDataException or JsonException or FormatException
            or InvalidOperationException or NotSupportedException or KeyNotFoundException or IndexOutOfRangeException && !Contracts.IsMarked(exception))
        {
            throw Unreadable(exception);
        }
    }

    private void Guard(Action read) => Guard(() =>
    {
        read();
        return true;
    });

    // A truncated or altered zip fails in many ways below us; all of them mean the same to the user.
    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or JsonException or FormatException or ArgumentException
            or NotSupportedException or OverflowException or InvalidOperationException && !Contracts.IsMarked(e))
        {
            throw Unreadable(e);
        }
    }

    private Exception Unreadable(Exception exception) => Contracts.ExceptDecode(exception, "{0}", $"The model file is damaged: part '{_kind.Loader}' can not be read: {exception.Message}");

    private Exception Damaged(string what) => Bad($"is damaged: {what}");

    // ExceptDecode formats its message: braces must not be taken for places.
    private Exception Bad(string what) => Contracts.ExceptDecode("{0}", $"Part '{_kind.Loader}' of the model file {what}.");
}
