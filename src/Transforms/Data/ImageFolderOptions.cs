namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How a folder of pictures is read.</summary>
public sealed class ImageFolderOptions
{
    /// <summary>
    /// Whether files and folders that can not be used are left out, with one warning in the log of the MLContext, instead of failing the pass.
    /// False unless set. A folder in which no picture is usable fails in any case.
    /// </summary>
    public bool SkipUnreadable { get; set; }

    /// <summary>The most a picture may be enlarged to fill the size asked for; above it counts as not usable. 4 unless set; at least 1.</summary>
    public double MaximumEnlargement { get; set; } = 4;

    /// <summary>The name of the column of pixels. "Pixels" unless set.</summary>
    public string PixelColumn { get; set; } = "Pixels";

    /// <summary>The name of the column of labels. "Label" unless set.</summary>
    public string LabelColumn { get; set; } = "Label";

    /// <summary>The name of the column of file paths. "Path" unless set.</summary>
    public string PathColumn { get; set; } = "Path";

    internal void Validate()
    {
        if (!(MaximumEnlargement >= 1))
            throw new ArgumentOutOfRangeException(nameof(MaximumEnlargement), $"Expected a number of 1 or more, got {MaximumEnlargement}.");
        string[] names = [PixelColumn, LabelColumn, PathColumn];
        if (names.Any(string.IsNullOrEmpty) || names.Distinct().Count() < names.Length)
            throw new ArgumentException($"Expected three different column names, got '{string.Join("', '", names)}'.");
    }
}
