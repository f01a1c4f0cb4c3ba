namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Runs golden cases of one kind with the library's types. A new kind is one class and one line in <see cref="GoldenAdapters"/>.</summary>
public interface IGoldenAdapter
{
    /// <summary>Runs a case and compares all that the case and the library have in common.</summary>
    /// <param name="file">The file of the case.</param>
    /// <param name="case">The case.</param>
    /// <param name="comparison">Where compared numbers are noted.</param>
    /// <returns>False where the case is of another kind, or asks for what the library does not have.</returns>
    bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison);
}
