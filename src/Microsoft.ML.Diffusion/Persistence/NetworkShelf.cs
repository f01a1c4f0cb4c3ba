using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The networks of an object that is written as JSON: the text names each by its number, and their weights lie beside it. An object that is held in several places is one network there and
/// when it is read again.
/// </summary>
internal sealed class NetworkShelf
{
    private readonly List<TrainedNetwork> _networks = [];

    private NetworkShelf(Func<int, IReadOnlyList<NetworkParameter>, FlatParameters>? load)
    {
        Options = new JsonSerializerOptions(ModelJson.Options);
        // In front of the one that refuses weights.
        Options.Converters.Insert(0, new Converter(this, load));
    }

    /// <summary>The options to write or read the object with.</summary>
    public JsonSerializerOptions Options { get; }

    /// <summary>The networks that were met, in the order of their numbers; not the caller's to dispose.</summary>
    public IReadOnlyList<TrainedNetwork> Networks => _networks;

    /// <summary>A shelf to write with.</summary>
    public static NetworkShelf ForWriting() => new(null);

    /// <summary>A shelf to read with.</summary>
    /// <param name="load">Gives the weights of a number.</param>
    public static NetworkShelf ForReading(Func<int, IReadOnlyList<NetworkParameter>, FlatParameters> load) => new(load);

    private sealed record Entry(Network Network, DataShape Shape, ConditionLayout Conditions, int Weights);

    private sealed class Converter(NetworkShelf shelf, Func<int, IReadOnlyList<NetworkParameter>, FlatParameters>? load) : JsonConverter<TrainedNetwork>
    {
        private readonly Dictionary<int, TrainedNetwork> _read = [];

        public override void Write(Utf8JsonWriter writer, TrainedNetwork value, JsonSerializerOptions options)
        {
            int number = shelf._networks.IndexOf(value);
            if (number < 0)
            {
                number = shelf._networks.Count;
                shelf._networks.Add(value);
            }
            JsonSerializer.Serialize(writer, new Entry(value.Network, value.Shape, value.Conditions, number), options);
        }

        public override TrainedNetwork Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var entry = JsonSerializer.Deserialize<Entry>(ref reader, options) ?? throw new JsonException("Expected a network, got null.");
            if (_read.TryGetValue(entry.Weights, out var known))
                return IsOf(entry, known, options) ? known.Share() : throw new JsonException($"Two networks that differ are said to have the weights of number {entry.Weights}.");
            var parameters = load!(entry.Weights, entry.Network.ListParameters(entry.Shape, entry.Conditions));
            try
            {
                var network = new TrainedNetwork(entry.Network, entry.Shape, entry.Conditions, parameters);
                shelf._networks.Add(network);
                return _read[entry.Weights] = network;
            }
            catch
            {
                parameters.Dispose();
                throw;
            }
        }

        private static bool IsOf(Entry entry, TrainedNetwork known, JsonSerializerOptions options)
            => JsonSerializer.Serialize(entry, options) == JsonSerializer.Serialize(new Entry(known.Network, known.Shape, known.Conditions, entry.Weights), options);
    }
}
