using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How configurations are written to model files.</summary>
internal static class ConfigJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        AllowOutOfOrderMetadataProperties = true,
    };
}
