using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>A labelled point with what guidances may read.</summary>
internal sealed class Wish
{
    [VectorType(4)]
    public float[] X { get; set; } = [];

    public string Label { get; set; } = "";

    /// <summary>Another label, or none.</summary>
    public string Other { get; set; } = "";

    /// <summary>A scale: 0, 1, 2, or none.</summary>
    public float Strength { get; set; }

    /// <summary>An embedding, or none.</summary>
    [VectorType(3)]
    public float[] Target { get; set; } = [];

    public long Seed { get; set; }

    public static IReadOnlyList<Wish> Make(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new Wish
        {
            X = [i, i * 0.5f + 1, MathF.Sin(i), -i],
            Label = "abc"[i % 3].ToString(),
            Other = i % 5 == 4 ? "" : "cab"[i % 3].ToString(),
            Strength = i % 4 == 3 ? float.NaN : i % 4,
            Target = i % 5 == 3 ? [float.NaN, 0, 0] : [i - 2, 1, MathF.Cos(i)],
            Seed = 100 + i,
        }),
    ];
}
