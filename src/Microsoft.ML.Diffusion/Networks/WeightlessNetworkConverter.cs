using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>JSON alone holds no weights: what holds them is written and read with a shelf that keeps them beside it.</summary>
internal sealed class WeightlessNetworkConverter : JsonConverter<TrainedNetwork>
{
    public override void Write(Utf8JsonWriter writer, TrainedNetwork value, JsonSerializerOptions options)
        => throw new NotSupportedException("A network's weights can not be written as JSON; a model file holds them beside it.");

    public override TrainedNetwork Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => throw new NotSupportedException("JSON alone holds no weights of a network.");
}
