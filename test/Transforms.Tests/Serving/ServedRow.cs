using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>What a service asks for.</summary>
internal sealed class ServedRow
{
    public string Label { get; set; } = "a";

    public long Seed { get; set; }

    public static ServedRow[] Make(int count) => [.. Enumerable.Range(0, count).Select(i => new ServedRow { Label = "abc"[i % 3].ToString(), Seed = i })];
}

/// <summary>What it gets.</summary>
internal sealed class ServedSample
{
    [VectorType(4)]
    public float[] Sample { get; set; } = [];
}
