namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Sheets of samples that a run draws as it goes, always from the same noise, so that one sees what the model learns: <c>samples-0001000.png</c> after a thousand steps.
/// </summary>
/// <param name="folder">Where the sheets go; made where it is missing.</param>
public sealed class TrainingSamples(string folder)
{
    /// <summary>Where the sheets go.</summary>
    public string Folder { get; } = !string.IsNullOrWhiteSpace(folder) ? folder : throw new ArgumentException("Samples need the path of a folder.", nameof(folder));

    /// <summary>The number of steps from sheet to sheet; at least 1. The end always draws one. 1,000 unless given.</summary>
    public int Every { get; init => field = AtLeastOne(value, nameof(Every)); } = 1000;

    /// <summary>The number of samples, at least 1: with conditions, those of rows spread evenly over the training data. 36 unless given.</summary>
    public int Count { get; init => field = AtLeastOne(value, nameof(Count)); } = 36;

    /// <summary>The number of steps of the sampler; at least 1. 20 unless given.</summary>
    public int Steps { get; init => field = AtLeastOne(value, nameof(Steps)); } = 20;

    /// <summary>The sampler; <see cref="KnownSolvers.DpmSolverPlusPlus2M"/> unless given.</summary>
    public ISampler Solver { get; init => field = value ?? throw new ArgumentNullException(nameof(Solver)); } = KnownSolvers.DpmSolverPlusPlus2M;

    private static int AtLeastOne(int value, string name) => value >= 1 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 1.");
}
