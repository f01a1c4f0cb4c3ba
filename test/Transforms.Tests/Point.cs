using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>A row of test data.</summary>
internal sealed class Point
{
    [VectorType(4)]
    public float[] X { get; set; } = [];

    public string Label { get; set; } = "";

    public float Strength { get; set; }

    public long Seed { get; set; }

    /// <summary>Rows with labels a, b, c and numbers that vary in every place.</summary>
    public static IReadOnlyList<Point> Make(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new Point
        {
            X = [i, i * 0.5f + 1, MathF.Sin(i), -i],
            Label = ((char)('a' + i % 3)).ToString(),
            Strength = i % 4 == 3 ? float.NaN : i % 4,
            Seed = 100 + i,
        }),
    ];

    public static IDataView Load(MLContext ml, int count) => ml.Data.LoadFromEnumerable(Make(count));
}
