namespace Microsoft.ML.Diffusion;

/// <summary>Pixels from [minimum, maximum] to [−1, 1] and back; samples are limited to that range.</summary>
/// <param name="minimum">The value of black. 0 unless given.</param>
/// <param name="maximum">The value of white; above <paramref name="minimum"/>. 255 unless given.</param>
public sealed class PixelCodec(float minimum = 0, float maximum = 255) : IDataCodec
{
    /// <summary>The value of black.</summary>
    public float Minimum { get; } = float.IsFinite(minimum) && minimum < maximum && float.IsFinite(maximum)
        ? minimum
        : throw new ArgumentOutOfRangeException(nameof(minimum), $"Expected finite minimum < maximum, got {minimum} and {maximum}.");

    /// <summary>The value of white.</summary>
    public float Maximum { get; } = maximum;

    /// <inheritdoc/>
    public void Encode(Span<float> row)
    {
        float factor = 2 / (Maximum - Minimum);
        foreach (ref float value in row)
            value = (value - Minimum) * factor - 1;
    }

    /// <inheritdoc/>
    public void Decode(Span<float> row)
    {
        float factor = (Maximum - Minimum) / 2;
        foreach (ref float value in row)
            value = (value + 1) * factor + Minimum;
    }

    /// <inheritdoc/>
    public void DecodeSample(Span<float> row)
    {
        Decode(row);
        foreach (ref float value in row)
            value = Math.Clamp(value, Minimum, Maximum);
    }

    /// <inheritdoc/>
    public string? FindInvalid(ReadOnlySpan<float> row)
    {
        for (int i = 0; i < row.Length; i++)
            if (!(row[i] >= Minimum && row[i] <= Maximum))
                return $"value {i} is {row[i]}, expected a pixel in [{Minimum}, {Maximum}]";
        return null;
    }
}
