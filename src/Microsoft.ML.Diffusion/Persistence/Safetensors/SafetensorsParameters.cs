using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Saves and loads the parameters of a network as a safetensors file, under the names of the inventory.</summary>
public static class SafetensorsParameters
{
    private const int MostListed = 10;

    private static readonly SafetensorsType[] Accepted = [SafetensorsType.F32, SafetensorsType.F64, SafetensorsType.F16, SafetensorsType.BF16];

    /// <summary>Writes the weights.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="stream">The stream, which need not seek.</param>
    /// <param name="type">F32 unless given, or F16 or BF16 to halve the file; rounded to nearest.</param>
    /// <param name="metadata">What the file says about itself.</param>
    public static void SaveSafetensors(this FlatParameters parameters, Stream stream, SafetensorsType? type = null, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        type ??= SafetensorsType.F32;
        if (type != SafetensorsType.F32 && type != SafetensorsType.F16 && type != SafetensorsType.BF16)
            throw new ArgumentOutOfRangeException(nameof(type), type, "Weights are saved as F32, F16 or BF16.");
        var entries = parameters.Inventory.Select(parameter => new SafetensorsEntry(parameter.Name, type, [.. parameter.Shape]));
        var writer = new SafetensorsWriter(stream, entries, metadata);
        for (int i = 0; i < parameters.Inventory.Count; i++)
        {
            var values = new float[parameters.Inventory[i].Count];
            parameters.Read(i, values);
            writer.Write(values);
        }
        writer.Complete();
    }

    /// <summary>Reads weights. The file must hold exactly the parameters of the inventory, as F32, BF16, F16 or F64 (rounded to nearest).</summary>
    /// <param name="stream">The stream, which need not seek.</param>
    /// <param name="inventory">The parameters: <see cref="Network.ListParameters"/>.</param>
    /// <param name="device">Where the buffers live.</param>
    /// <param name="precision">The precision in which the network computes.</param>
    /// <param name="trainable">Whether there are gradients.</param>
    /// <param name="map">Where the file has each parameter; under its own name and with its own shape where null.</param>
    /// <exception cref="InvalidDataException">The file is malformed, or holds other parameters; lists them.</exception>
    public static FlatParameters Load(Stream stream, IReadOnlyList<NetworkParameter> inventory, Device device, Precision precision, bool trainable = false, WeightMap? map = null)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        var reader = new SafetensorsReader(stream);
        var targets = Match(reader, inventory, map);
        var parameters = FlatParameters.Allocate(inventory, device, precision, trainable);
        try
        {
            while (reader.Next())
            {
                if (!targets.Contains(reader.Current!.Name))
                    continue;
                var values = new float[reader.Current.Shape.Aggregate(1L, (product, size) => product * size)];
                reader.ReadSingle(values);
                foreach (var (index, part) in targets[reader.Current.Name])
                    parameters.Write(index, values.AsSpan((int)(part * inventory[index].Count), (int)inventory[index].Count));
            }
            parameters.PublishWeights();
            return parameters;
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    // Which parameters come from a tensor of the file, and which part of it is each.
    private static ILookup<string, (int Index, int Part)> Match(SafetensorsReader reader, IReadOnlyList<NetworkParameter> inventory, WeightMap? map)
    {
        var entries = reader.Entries.ToDictionary(entry => entry.Name);
        var missing = new List<string>();
        var unlike = new List<string>();
        var sources = inventory.Select(parameter => map?.SourceOf(parameter) ?? new WeightSource(parameter.Name)).ToArray();
        for (int i = 0; i < sources.Length; i++)
        {
            var (parameter, source) = (inventory[i], sources[i]);
            string what = map is null ? parameter.ToString() : $"{parameter} from {source}";
            if (!entries.TryGetValue(source.Name, out var entry))
                missing.Add(map is null ? what : source.Name);
            else if (!Accepted.Contains(entry.Type))
                unlike.Add($"expected {what} as {string.Join(", ", Accepted)}, got {entry}");
            else if (!(map is null ? entry.Shape.SequenceEqual(parameter.Shape) : Fits(entry.Shape, parameter.Shape, source.Parts)))
                unlike.Add($"expected {what}, got {entry}");
        }
        var targets = Enumerable.Range(0, sources.Length).ToLookup(i => sources[i].Name, i => (i, sources[i].Part));
        var unknown = reader.Entries.Where(entry => !targets.Contains(entry.Name) && map?.Ignores(entry.Name) != true).Select(entry => entry.ToString()).ToList();
        if (missing.Count + unlike.Count + unknown.Count > 0)
            throw new InvalidDataException($"The weights do not fit the network.{Listed("Missing from the file", missing)}{Listed("Of another shape or type", unlike)}{Listed("Not in the network", unknown)}");
        return targets;
    }

    private static bool Fits(IReadOnlyList<long> stored, IReadOnlyList<long> wanted, int parts)
    {
        long[] all = [wanted[0] * parts, .. wanted.Skip(1)];
        return stored.Where(size => size != 1).SequenceEqual(all.Where(size => size != 1));
    }

    private static string Listed(string what, List<string> items)
        => items.Count == 0 ? "" : $" {what} ({items.Count}): {string.Join("; ", items.Take(MostListed))}{(items.Count > MostListed ? "; …" : "")}.";
}
