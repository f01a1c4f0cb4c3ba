using System.Numerics.Tensors;

namespace Microsoft.ML.Diffusion;

/// <summary>Values of a vector to mean 0 and deviation 1, each place by its own mean and deviation, and back.</summary>
/// <param name="means">The mean of each place; finite.</param>
/// <param name="deviations">The standard deviation of each place; finite, positive.</param>
public sealed class StandardizingCodec(IReadOnlyList<float> means, IReadOnlyList<float> deviations) : IDataCodec
{
    /// <summary>The mean of each place.</summary>
    public IReadOnlyList<float> Means => _means;

    /// <summary>The standard deviation of each place.</summary>
    public IReadOnlyList<float> Deviations => _deviations;

    private readonly float[] _means = means?.All(float.IsFinite) == true
        ? [.. means]
        : throw new ArgumentException("The means must be finite.", nameof(means));

    private readonly float[] _deviations = deviations?.Count == means?.Count && deviations!.All(deviation => deviation > 0 && float.IsFinite(deviation))
        ? [.. deviations!]
        : throw new ArgumentException("There must be as many deviations as means, all finite and positive.", nameof(deviations));

    /// <inheritdoc/>
    public void Encode(Span<float> row)
    {
        TensorPrimitives.Subtract(row, _means, row);
        TensorPrimitives.Divide(row, _deviations, row);
    }

    /// <inheritdoc/>
    public void Decode(Span<float> row)
    {
        TensorPrimitives.MultiplyAdd(row, _deviations, _means, row);
    }

    /// <inheritdoc/>
    public void DecodeSample(Span<float> row) => Decode(row);

    /// <inheritdoc/>
    public double LogDeterminant(int size) => -_deviations.Sum(deviation => Math.Log(deviation));

    /// <inheritdoc/>
    public string? FindInvalid(ReadOnlySpan<float> row)
    {
        // Vectorised, since each row that training reads passes here; a NaN anywhere makes the largest magnitude NaN.
        if (row.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude(row)))
            return null;
        for (int i = 0; i < row.Length; i++)
            if (!float.IsFinite(row[i]))
                return $"value {i} is {row[i]}, expected a finite number";
        return null;
    }
}
