using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

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
        float minimum = Minimum, factor = 2 / (Maximum - Minimum);
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        foreach (ref var values in vectors)
            values = (values - new Vector<float>(minimum)) * factor - Vector<float>.One;
        foreach (ref float value in row[(vectors.Length * Vector<float>.Count)..])
            value = (value - minimum) * factor - 1;
    }

    /// <inheritdoc/>
    public void Decode(Span<float> row)
    {
        TensorPrimitives.Add(row, 1, row);
        TensorPrimitives.Multiply(row, (Maximum - Minimum) / 2, row);
        TensorPrimitives.Add(row, Minimum, row);
    }

    /// <inheritdoc/>
    public void DecodeSample(Span<float> row)
    {
        Decode(row);
        TensorPrimitives.Max(row, Minimum, row);
        TensorPrimitives.Min(row, Maximum, row);
    }

    /// <inheritdoc/>
    public double LogDeterminant(int size) => size * Math.Log(2.0 / ((double)Maximum - Minimum));

    /// <inheritdoc/>
    public string? FindInvalid(ReadOnlySpan<float> row)
    {
        // Vectorised, since each row that training reads passes here.
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        Vector<float> least = new(Minimum), greatest = new(Maximum);
        int first = 0;
        while (first < vectors.Length && Vector.GreaterThanOrEqualAll(vectors[first], least) && Vector.LessThanOrEqualAll(vectors[first], greatest))
            first++;
        for (int i = first * Vector<float>.Count; i < row.Length; i++)
            if (!(row[i] >= Minimum && row[i] <= Maximum))
                return $"value {i} is {row[i]}, expected a pixel in [{Minimum}, {Maximum}]";
        return null;
    }
}
