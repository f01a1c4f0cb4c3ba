using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// One checkpoint: a safetensors file of the run's tensors, whose metadata hold the place in the run, what decides its course, and a SHA-256 sum over all of it.
/// </summary>
internal static class CheckpointFile
{
    private const string Position = "position", Identity = "identity", Sum = "sha256";

    /// <summary>Writes a checkpoint as a whole or not at all.</summary>
    public static void Write(string path, RunPosition position, IReadOnlyDictionary<string, string> identity, IReadOnlyList<(string Name, Tensor Values)> state)
    {
        var metadata = new Dictionary<string, string> { [Position] = ModelJson.Write(position), [Identity] = ModelJson.Write(identity) };
        using var hash = Begin(metadata);
        foreach (var (_, values) in state)
            TensorBytes.Read(values, bytes => hash.AppendData(bytes));
        metadata[Sum] = Convert.ToHexString(hash.GetHashAndReset());
        AtomicFile.Write(path, stream =>
        {
            var writer = new SafetensorsWriter(stream, state.Select(item => Entry(item.Name, item.Values)), metadata);
            foreach (var (_, values) in state)
                TensorBytes.Read(values, bytes => writer.Write(bytes));
            writer.Complete();
        });
    }

    /// <summary>Checks a whole checkpoint against its sum.</summary>
    /// <exception cref="InvalidDataException">The file is damaged; says how.</exception>
    public static GoodCheckpoint Check(string path)
    {
        using var stream = RegularFile.Open(path);
        var reader = new SafetensorsReader(stream);
        if (!(reader.Metadata.TryGetValue(Position, out string? position) && reader.Metadata.TryGetValue(Identity, out string? identity) && reader.Metadata.TryGetValue(Sum, out string? sum)))
            throw new InvalidDataException("it is not a checkpoint");
        using var hash = Begin(reader.Metadata);
        var piece = new byte[1 << 20];
        while (reader.Next())
            for (long left = reader.Current!.ByteCount; left > 0;)
            {
                int count = (int)Math.Min(left, piece.Length);
                reader.ReadBytes(piece.AsSpan(0, count));
                hash.AppendData(piece, 0, count);
                left -= count;
            }
        if (Convert.ToHexString(hash.GetHashAndReset()) != sum)
            throw new InvalidDataException("its sum is wrong");
        return new GoodCheckpoint(path, ModelJson.Read<RunPosition>(position), ModelJson.Read<Dictionary<string, string>>(identity));
    }

    /// <summary>Reads a checked checkpoint into the tensors of a run of the same course.</summary>
    public static void Restore(string path, IReadOnlyList<(string Name, Tensor Values)> state)
    {
        using var noGrad = no_grad();
        using var stream = RegularFile.Open(path);
        var reader = new SafetensorsReader(stream);
        foreach (var (name, values) in state)
        {
            var expected = Entry(name, values);
            if (!reader.Next() || $"{reader.Current}" != $"{expected}")
                throw new InvalidDataException($"The checkpoint '{path}' holds {reader.Current?.ToString() ?? "nothing"} in place of {expected}.");
            using var host = empty_like(values, device: CPU);
            TensorBytes.Write(host, bytes => reader.ReadBytes(bytes));
            values.copy_(host);
        }
    }

    private static SafetensorsEntry Entry(string name, Tensor values)
        => new(name, SafetensorsType.Of(values.dtype) ?? throw new ArgumentException($"Safetensors have no type for the {values.dtype} of '{name}'.", nameof(values)), values.shape);

    private static IncrementalHash Begin(IReadOnlyDictionary<string, string> metadata)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(metadata[Position]));
        hash.AppendData(Encoding.UTF8.GetBytes(metadata[Identity]));
        return hash;
    }
}
