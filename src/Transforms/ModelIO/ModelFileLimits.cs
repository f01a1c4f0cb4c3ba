namespace Microsoft.ML.Diffusion;

/// <summary>What <c>CheckModel</c> and <c>LoadModel</c> of the catalogue accept of a model file.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class ModelFileLimits
{
    /// <summary>The limits that apply unless others are given.</summary>
    public static ModelFileLimits Default { get; } = new();

    /// <summary>The largest number of entries of the archive; 1 … 65,534. Default: 4,096.</summary>
    public int Entries
    {
        get;
        init => field = value is >= 1 and < ushort.MaxValue ? value : throw new ArgumentOutOfRangeException(nameof(Entries), value, "The number of entries must be in 1 … 65,534.");
    } = 4096;

    /// <summary>The most bytes that all entries take unpacked, as ML.NET unpacks them into the folder for temporary files; positive. Default: 16 GiB.</summary>
    public long Bytes
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Bytes), value, "The number of bytes must be positive.");
    } = 1L << 34;

    /// <summary>
    /// The most bytes unpacked for each byte of the file, where they are more than 64 MiB; at least 1. Weights that were trained hardly shrink; those that are all zeros, as the last layers of an untrained
    /// network, shrink to a thousandth. Default: 100.
    /// </summary>
    public double Ratio
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Ratio), value, "The ratio must be at least 1.");
    } = 100;

    /// <summary>
    /// The names of the assemblies whose loaders a file may name. Default: this library's, and those of ML.NET whose transforms compute, but run no models of other kinds: Microsoft.ML.Data,
    /// Microsoft.ML.Transforms, Microsoft.ML.ImageAnalytics, Microsoft.ML.StandardTrainers, Microsoft.ML.KMeansClustering and Microsoft.ML.PCA. A file can also name a loader of an assembly
    /// that the program has for other reasons, such as one that runs ONNX: such names are refused unless they are added here.
    /// </summary>
    public IReadOnlyList<string> Assemblies
    {
        get;
        init => field = value is not null && value.All(name => !string.IsNullOrWhiteSpace(name)) ? [.. value] : throw new ArgumentException("The assemblies must be named.", nameof(Assemblies));
    } = DefaultAssemblies;

    /// <summary>The assemblies of the default, to add others to.</summary>
    public static IReadOnlyList<string> DefaultAssemblies =>
    [
        "Microsoft.ML.Diffusion.Transforms", "Microsoft.ML.Data", "Microsoft.ML.Transforms", "Microsoft.ML.ImageAnalytics",
        "Microsoft.ML.StandardTrainers", "Microsoft.ML.KMeansClustering", "Microsoft.ML.PCA",
    ];
}
