namespace Microsoft.ML.Diffusion;

/// <summary>How a log-likelihood is computed.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class LogLikelihoodOptions
{
    private readonly AdaptiveStepping _stepping = new();
    private readonly int _exactDimensions = 16;
    private readonly int _probeCount = 1;
    private readonly ProbeDistribution _probes = KnownProbes.Rademacher;
    private readonly double? _priorDeviation;

    /// <summary>Tolerances and step control of the ODE; those of <see cref="AdaptiveStepping"/> unless set.</summary>
    public AdaptiveStepping Stepping
    {
        get => _stepping;
        init => _stepping = value ?? throw new ArgumentNullException(nameof(Stepping));
    }

    /// <summary>
    /// Up to how many values of a row the trace is computed exactly, by a backward pass for each value; beyond, it is estimated with random probes, without bias. 0 for
    /// always probes. 16 unless set.
    /// </summary>
    public int ExactDimensions
    {
        get => _exactDimensions;
        init => _exactDimensions = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(ExactDimensions), value, "The number of dimensions must not be negative.");
    }

    /// <summary>The distribution of probes; <see cref="KnownProbes.Rademacher"/> unless set.</summary>
    public ProbeDistribution Probes
    {
        get => _probes;
        init => _probes = value ?? throw new ArgumentNullException(nameof(Probes));
    }

    /// <summary>The number of probes of a row, whose mean is taken: each costs a backward pass an evaluation; at least 1. 1 unless set.</summary>
    public int ProbeCount
    {
        get => _probeCount;
        init => _probeCount = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(ProbeCount), value, "There must be at least one probe.");
    }

    /// <summary>The standard deviation of the normal distribution at the noisy end; positive, finite. The schedule's unless set.</summary>
    public double? PriorDeviation
    {
        get => _priorDeviation;
        init => _priorDeviation = value is null or (> 0 and < double.PositiveInfinity) ? value : throw new ArgumentOutOfRangeException(nameof(PriorDeviation), value, "The deviation of the prior must be positive and finite, or null for the schedule's.");
    }
}
