namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Makes file names of labels.</summary>
internal static class FileNames
{
    private const int MostLength = 80;

    /// <summary>A label as the beginning of a file name on any system: letters, digits, '-', '.' and '_', everything else as '_'; not empty.</summary>
    public static string Sanitize(string label)
    {
        string name = string.Concat(label.Select(c => char.IsLetterOrDigit(c) || c is '-' or '.' or '_' ? c : '_')).TrimStart('.');
        return name.Length == 0 ? "sample" : name[..Math.Min(name.Length, MostLength)];
    }
}
