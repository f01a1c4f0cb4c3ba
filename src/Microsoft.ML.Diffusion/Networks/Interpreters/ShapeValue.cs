namespace Microsoft.ML.Diffusion;

/// <summary>What <see cref="ShapeOps"/> knows of a value.</summary>
/// <param name="Sizes">Its sizes.</param>
/// <param name="Kind">The type of its numbers.</param>
/// <param name="Index">Which value of the run it is; negative for inputs.</param>
internal sealed record ShapeValue(int[] Sizes, ValueKind Kind, int Index)
{
    public override string ToString() => $"[{string.Join(", ", Sizes)}]";
}

/// <summary>The types of numbers that a network tells apart.</summary>
internal enum ValueKind
{
    /// <summary>The precision in which the bulk of the network computes.</summary>
    Working,

    /// <summary>Float32 whatever the working precision.</summary>
    Full,

    /// <summary>Whole numbers.</summary>
    Index,
}
