using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>A row of data to edit: what a <see cref="Point"/> has, and the inputs of all edits.</summary>
internal sealed class EditRow
{
    [VectorType(4)]
    public float[] X { get; set; } = [];

    [VectorType(4)]
    public float[] Y { get; set; } = [];

    [VectorType(4)]
    public float[] Mask { get; set; } = [];

    public float Weight { get; set; }

    public string Label { get; set; } = "";

    public float Strength { get; set; }

    public long Seed { get; set; }

    public static IReadOnlyList<EditRow> Make(int count) =>
    [
        .. Point.Make(count).Select((point, i) => new EditRow
        {
            X = point.X,
            Y = [1 - i, i, 2, MathF.Cos(i)],
            Mask = [i % 2, 1, 0, 0.5f],
            Weight = i % 5 / 4f,
            Label = point.Label,
            Strength = point.Strength,
            Seed = point.Seed,
        }),
    ];

    public static IDataView Load(MLContext ml, int count) => ml.Data.LoadFromEnumerable(Make(count));
}
