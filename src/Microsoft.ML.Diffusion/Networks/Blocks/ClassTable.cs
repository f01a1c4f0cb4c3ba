namespace Microsoft.ML.Diffusion;

/// <summary>Tables of labels as reference implementations have them: a row for each class from 0, and perhaps a last one for a missing class.</summary>
internal static class ClassTable
{
    /// <summary>The rows of classes, [B, width].</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="classes">1 … count, or 0 where missing: [B].</param>
    /// <param name="name">The name of the table.</param>
    /// <param name="count">The number of classes.</param>
    /// <param name="width">The width of a row.</param>
    /// <param name="hasMissing">Whether the table has a row for missing classes; else they are zeros.</param>
    /// <param name="initializer">How the table starts.</param>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public static T Look<T>(IOps<T> ops, T classes, string name, int count, int width, bool hasMissing, Initializer initializer)
    {
        if (!hasMissing)
            return ops.MatMul(ops.ToWorking(ClassVectors.Of(ops, classes, count)), ops.Parameter(name, initializer, count, width));
        // Here a missing class comes first, as its index is 0.
        var table = ops.Parameter(name, initializer, count + 1, width);
        return ops.Rows(ops.Concat(ops.Slice(table, 0, count, 1), ops.Slice(table, 0, 0, count), 0), classes);
    }
}
