using System.Text.Json;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The churn options of EDM's samplers.</summary>
internal static class EdmChurn
{
    public static StochasticChurn Read(JsonElement settings) => new()
    {
        Amount = settings.Number("S_churn", 0),
        RatioMin = settings.Number("S_min", 0),
        RatioMax = settings.Number("S_max", double.PositiveInfinity),
        NoiseScale = settings.Number("S_noise", 1),
    };
}
