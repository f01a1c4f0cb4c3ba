namespace Microsoft.ML.Diffusion;

/// <summary>Classes as vectors: a 1 in the place of the class, zeros where it is missing.</summary>
internal static class ClassVectors
{
    /// <summary>[B, count], Float32.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="classes">1 … count, or 0 where missing: [B].</param>
    /// <param name="count">The number of classes.</param>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public static T Of<T>(IOps<T> ops, T classes, int count) => ops.Rows(ops.Table(FormattableString.Invariant($"classes/{count}"), () => Vectors(count), count + 1, count), classes);

    private static float[] Vectors(int count)
    {
        var vectors = new float[checked((count + 1) * count)];
        for (int i = 0; i < count; i++)
            vectors[(i + 1) * count + i] = 1;
        return vectors;
    }
}
