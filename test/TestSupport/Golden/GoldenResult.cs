namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>What became of the cases of a file.</summary>
/// <param name="File">The name of the file.</param>
/// <param name="Total">The number of its cases.</param>
/// <param name="Equal">The cases that were compared and are equal.</param>
/// <param name="Quirks">The cases whose reference result is not to be reproduced, with the reason.</param>
/// <param name="NotCompared">The cases that no adapter runs.</param>
/// <param name="Mismatches">What differs, a line each, beginning with the name of the case.</param>
public sealed record GoldenResult(
    string File,
    int Total,
    IReadOnlyList<string> Equal,
    IReadOnlyList<string> Quirks,
    IReadOnlyList<string> NotCompared,
    IReadOnlyList<string> Mismatches)
{
    /// <summary>The line of the report.</summary>
    public string Summary => $"golden {File}: {Equal.Count} of {Total} cases";
}
