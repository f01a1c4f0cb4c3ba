using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Stores power-function averages of a few lengths as the run goes, of which the average of any length can be made afterwards (Karras et al. 2024, arXiv:2312.02696, section 3.2):
/// <see cref="AverageCatalog.ReconstructAverage"/>. Each length costs a copy of the weights in memory and one on disk a snapshot.
/// </summary>
public sealed class AverageSnapshots
{
    /// <summary>Snapshots in a folder.</summary>
    /// <param name="folder">The folder; made where it is missing. It holds the snapshots of one run.</param>
    public AverageSnapshots(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Folder = Path.GetFullPath(folder);
    }

    /// <summary>The full path of the folder.</summary>
    [JsonIgnore]
    public string Folder { get; }

    /// <summary>The number of steps from one snapshot to the next; at least 1. The end of the run is one too. 1,000 unless set; a few dozen in a run are enough.</summary>
    [JsonIgnore]
    public long Every
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Every), value, "Every must be at least 1.");
    }
    = 1000;

    /// <summary>The lengths σ_rel that are stored, each in (0, 0.288]; at least one. 0.05 and 0.1 unless set.</summary>
    public IReadOnlyList<double> Lengths
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Count == 0 || value.Distinct().Count() != value.Count)
                throw new ArgumentException($"Expected different lengths, at least one, got [{string.Join(", ", value)}].", nameof(Lengths));
            foreach (double length in value)
                _ = new PowerFunctionAverage(length);
            field = [.. value];
        }
    }
    = [0.05, 0.1];
}
