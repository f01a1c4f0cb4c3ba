namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Lists for a line of a log.</summary>
internal static class Summary
{
    private const int Most = 5;

    /// <summary>The first items, and how many there are beside them.</summary>
    /// <param name="items">What is listed.</param>
    public static string Of(IReadOnlyCollection<string> items) =>
        string.Join(", ", items.Take(Most)) + (items.Count > Most ? $" and {items.Count - Most} more" : "");
}
