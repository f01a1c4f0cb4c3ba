using System.Numerics.Tensors;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Rows meet the noises that make the sum of squared distances of a batch least: optimal transport within the batch (Tong et al. 2024, arXiv:2302.00482, section 3.2; Pooladian et al. 2023,
/// arXiv:2304.14772). The flow between noise and data becomes straighter, so that fewer steps sample it, the more so the larger the batch and the fewer the dimensions.
/// </summary>
/// <remarks>
/// Exact, in O(B³) for a batch of B, on the thread that makes batches ahead. For flow matching. Rows are paired among those of equal conditions, so with conditions of many values there is
/// little to pair, and none with those that differ in every row.
/// </remarks>
public sealed class OptimalTransportPairing : NoisePairing
{
    /// <inheritdoc/>
    public override int[]? Pair(ReadOnlySpan<float> samples, ReadOnlySpan<float> noise, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        if (samples.Length != noise.Length || samples.Length % rows != 0)
            throw new ArgumentException($"Expected {rows} rows of samples and as many numbers of noise, got {samples.Length} and {noise.Length} numbers.", nameof(noise));
        int width = samples.Length / rows;
        var costs = new double[rows, rows];
        // ‖x − ε‖² but for what no permutation changes.
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < rows; column++)
                costs[row, column] = -TensorPrimitives.Dot(samples.Slice(row * width, width), noise.Slice(column * width, width));
        return Assignment.Solve(costs);
    }
}
