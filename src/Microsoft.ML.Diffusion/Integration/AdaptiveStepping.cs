namespace Microsoft.ML.Diffusion;

/// <summary>How exactly an ODE is integrated: the Dormand–Prince method of order 5(4) with steps that follow its error estimate.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class AdaptiveStepping
{
    private readonly double _relativeTolerance = 1e-5;
    private readonly double _absoluteTolerance = 1e-5;
    private readonly int _maxEvaluations = 10_000;
    private readonly StepControl _control = KnownStepControls.Clipped;

    /// <summary>The error of a step relative to the size of the state; in [1e-13, 1). 1e-5 unless set; networks of single precision reach about 1e-6.</summary>
    public double RelativeTolerance
    {
        get => _relativeTolerance;
        init => _relativeTolerance = value is >= 1e-13 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(RelativeTolerance), value, "The relative tolerance must be in [1e-13, 1).");
    }

    /// <summary>The error of a step where the state is near 0; positive, finite. 1e-5 unless set.</summary>
    public double AbsoluteTolerance
    {
        get => _absoluteTolerance;
        init => _absoluteTolerance = value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(AbsoluteTolerance), value, "The absolute tolerance must be positive and finite.");
    }

    /// <summary>How steps follow the error; <see cref="KnownStepControls.Clipped"/> unless set.</summary>
    public StepControl Control
    {
        get => _control;
        init => _control = value ?? throw new ArgumentNullException(nameof(Control));
    }

    /// <summary>
    /// Whether one step length serves the whole batch, with the error measured over all of it, as in the reference implementations. A row's result then depends on
    /// its neighbours. Each row has its own unless set.
    /// </summary>
    public bool WholeBatch { get; init; }

    /// <summary>The largest number of denoiser calls, after which the run ends with an error; positive. 10,000 unless set.</summary>
    public int MaxEvaluations
    {
        get => _maxEvaluations;
        init => _maxEvaluations = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(MaxEvaluations), value, "The largest number of evaluations must be positive.");
    }
}
