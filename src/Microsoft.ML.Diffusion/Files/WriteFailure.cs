namespace Microsoft.ML.Diffusion;

/// <summary>Why something could not be written, in words for whoever named the path.</summary>
internal static class WriteFailure
{
    /// <summary>The reason.</summary>
    /// <param name="exception">What failed.</param>
    /// <param name="temporary">A path that the user never gave, which the system names; null for none.</param>
    /// <param name="given">What the user calls it.</param>
    public static string Reason(Exception exception, string? temporary = null, string? given = null)
    {
        // The system says that a path was not found where its folder is there, but takes no files: /proc is such a one.
        if (exception is DirectoryNotFoundException || (exception is FileNotFoundException missing && (temporary is null || missing.FileName == temporary)))
            return "no new files can be made in its folder.";
        return temporary is null ? exception.Message : exception.Message.Replace(temporary, given, StringComparison.Ordinal);
    }
}
