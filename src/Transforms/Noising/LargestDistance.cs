using System.Numerics.Tensors;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The two rows that lie farthest apart.</summary>
internal static class LargestDistance
{
    // Two blocks of rows stay in a core's cache while all their pairs are measured.
    private const int Block = 64;

    // By so much distances in Float32 may be too small.
    private const double Slack = 1 + 1e-5;

    /// <summary>The largest Euclidean distance between two rows; 0 for a single row.</summary>
    /// <param name="values">The rows, one behind the other.</param>
    /// <param name="size">The length of a row.</param>
    public static double Between(float[] values, int size)
    {
        int count = values.Length / size, blocks = (count + Block - 1) / Block;
        Span<float> Row(int row) => values.AsSpan(row * size, size);
        var centre = new float[size];
        for (int row = 0; row < count; row++)
            TensorPrimitives.MultiplyAdd(Row(row), 1f / count, centre, centre);
        // Farthest from the centre first: two rows are no farther apart than their radii together.
        var radii = new float[count];
        var order = new int[count];
        for (int row = 0; row < count; row++)
            (radii[row], order[row]) = (-TensorPrimitives.Distance(Row(row), centre), row);
        Array.Sort(radii, order);
        var gate = new Lock();
        var best = (Distance: 0f, First: 0, Second: 0);
        Parallel.For(0, blocks, block =>
        {
            for (int other = block; other < blocks; other++)
            {
                var local = (Distance: Volatile.Read(ref best.Distance), First: -1, Second: -1);
                if (-(radii[block * Block] + radii[other * Block]) * Slack < local.Distance)
                    return;
                for (int i = block * Block; i < Math.Min((block + 1) * Block, count); i++)
                    for (int j = Math.Max(other * Block, i + 1); j < Math.Min((other + 1) * Block, count); j++)
                    {
                        float distance = TensorPrimitives.Distance(Row(order[i]), Row(order[j]));
                        if (distance > local.Distance)
                            local = (distance, order[i], order[j]);
                    }
                lock (gate)
                    if (local.First >= 0 && local.Distance > best.Distance)
                        best = local;
            }
        });
        return Exactly(Row(best.First), Row(best.Second));
    }

    private static double Exactly(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        double sum = 0;
        for (int i = 0; i < first.Length; i++)
            sum += ((double)first[i] - second[i]) * ((double)first[i] - second[i]);
        return Math.Sqrt(sum);
    }
}
