using System.Globalization;

namespace Microsoft.ML.Diffusion;

/// <summary>Numbers of things in messages: 1 row, 2 rows.</summary>
internal static class Plural
{
    /// <summary>A number and what it counts.</summary>
    /// <param name="count">The number.</param>
    /// <param name="one">The word for one of them.</param>
    /// <param name="many">The word for others; <paramref name="one"/> with an s unless given.</param>
    /// <param name="format">How the number is written; without separators unless given.</param>
    public static string Of(long count, string one, string? many = null, string? format = null)
        => $"{count.ToString(format, CultureInfo.InvariantCulture)} {(count == 1 ? one : many ?? one + "s")}";
}
