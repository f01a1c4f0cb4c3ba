using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Saves and loads the parameters of a network as a safetensors file, under the names of the inventory.</summary>
public static class SafetensorsParameters
{
    /// <summary>Writes the weights.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="stream">The stream, which need not seek.</param>
    /// <param name="type">F32, or F16 or BF16 to halve the file; rounded to nearest.</param>
    /// <param name="metadata">What the file says about itself.</param>
    public static void SaveSafetensors(this FlatParameters parameters, Stream stream, SafetensorsType type = SafetensorsType.F32, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (type is not (SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16))
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

    /// <summary>Reads weights. The file must hold exactly the parameters of the inventory, as real numbers of any type.</summary>
    /// <param name="stream">The stream, which need not seek.</param>
    /// <param name="inventory">The parameters: <see cref="Network.ListParameters"/>.</param>
    /// <param name="device">Where the buffers live.</param>
    /// <param name="precision">The precision in which the network computes.</param>
    /// <param name="trainable">Whether there are gradients.</param>
    /// <exception cref="InvalidDataException">The file is malformed, or holds other parameters; names the first.</exception>
    public static FlatParameters Load(Stream stream, IReadOnlyList<ParameterInfo> inventory, Device device, Precision precision, bool trainable = false)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        var reader = new SafetensorsReader(stream);
        var indices = Match(reader, inventory);
        var parameters = FlatParameters.Allocate(inventory, device, precision, trainable);
        try
        {
            while (reader.Next())
            {
                int index = indices[reader.Current!.Name];
                var values = new float[inventory[index].Count];
                reader.ReadSingle(values);
                parameters.Write(index, values);
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

    private static Dictionary<string, int> Match(SafetensorsReader reader, IReadOnlyList<ParameterInfo> inventory)
    {
        var indices = Enumerable.Range(0, inventory.Count).ToDictionary(i => inventory[i].Name);
        var entries = reader.Entries.ToDictionary(entry => entry.Name);
        foreach (var parameter in inventory)
        {
            if (!entries.TryGetValue(parameter.Name, out var entry))
                throw new InvalidDataException($"The weights do not fit the network: parameter {parameter} is missing.");
            if (!entry.Shape.SequenceEqual(parameter.Shape) || entry.Type is not (SafetensorsType.F32 or SafetensorsType.F64 or SafetensorsType.F16 or SafetensorsType.BF16))
                throw new InvalidDataException($"The weights do not fit the network: expected {parameter} of real numbers, got {entry}.");
        }
        foreach (var entry in reader.Entries)
            if (!indices.ContainsKey(entry.Name))
                throw new InvalidDataException($"The weights do not fit the network: it has no parameter for {entry}.");
        return indices;
    }
}
