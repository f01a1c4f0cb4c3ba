using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>The function B(h) by which UniPC divides its corrections. It matters only where one estimate corrects: elsewhere it cancels.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UniPcVariant>))]
public enum UniPcVariant
{
    /// <summary>B₁(h) = h: better with few steps, without guidance.</summary>
    [JsonStringEnumMemberName("bh1")]
    Bh1,

    /// <summary>B₂(h) = eʰ − 1.</summary>
    [JsonStringEnumMemberName("bh2")]
    Bh2,
}
