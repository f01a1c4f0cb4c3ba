using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The way between the user's data and model space, where every value has mean near 0 and a spread of order 1. The codec in front
/// of the process owns the way there and back, and travels with the model.
/// </summary>
/// <remarks>Immutable and thread safe. Row by row, on the CPU: what follows is the process, on tensors.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(PixelCodec), "pixels")]
[JsonDerivedType(typeof(StandardizingCodec), "standardize")]
public interface IDataCodec
{
    /// <summary>Maps a row of the user's data to model space, in place.</summary>
    /// <param name="row">The values of one sample.</param>
    void Encode(Span<float> row);

    /// <summary>Maps a row of model space back to the user's data, in place, without limiting it to the range of valid data.</summary>
    /// <param name="row">The values of one sample.</param>
    void Decode(Span<float> row);

    /// <summary>Maps a finished sample to valid data, in place: as <see cref="Decode"/>, then limited to the valid range.</summary>
    /// <param name="row">The values of one sample.</param>
    void DecodeSample(Span<float> row);

    /// <summary>ln |det ∂(model space)/∂(data)|, in nats: what a log-density in model space gains in the units of the data.</summary>
    /// <param name="size">The number of values of a row.</param>
    double LogDeterminant(int size);

    /// <summary>What is wrong with a value of the user's data; null when it is valid.</summary>
    /// <param name="row">The values of one sample, not encoded.</param>
    string? FindInvalid(ReadOnlySpan<float> row);
}
