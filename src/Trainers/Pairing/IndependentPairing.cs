using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Each row meets its own noise, whatever the row.</summary>
public sealed class IndependentPairing : NoisePairing
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override bool ReadsSamples => false;

    /// <inheritdoc/>
    public override int[]? Pair(ReadOnlySpan<float> samples, ReadOnlySpan<float> noise, int rows) => null;
}
