namespace Microsoft.ML.Diffusion;

/// <summary>What the DPM-Solvers have in common that take one evaluation at each point of the grid: <see cref="MultistepDpmSolver"/> and <see cref="StageDpmSolver"/>.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public abstract class DpmGridSolver : ISolver
{
    private readonly SolverEstimate _estimate = SolverEstimate.X0;
    private readonly SlopeRule _slope = SlopeRule.Midpoint;

    private protected DpmGridSolver(int order, double eta, double noiseScale)
    {
        Order = MultistepOrder.CheckRange(order);
        Eta = StepNoise.CheckEta(eta);
        NoiseScale = StepNoise.CheckScale(noiseScale, eta);
    }

    /// <summary>The order, 1 to 3.</summary>
    public int Order { get; }

    /// <summary>η in [0, ∞]: how much of the reverse SDE's noise each step adds.</summary>
    public double Eta { get; }

    /// <summary>The standard deviation of the noise, in [0, ∞).</summary>
    public double NoiseScale { get; }

    /// <summary>What is interpolated: x̂0, DPM-Solver++, unless set; ε̂ is DPM-Solver.</summary>
    public SolverEstimate Estimate
    {
        get => _estimate;
        init => _estimate = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Estimate), value, "Expected X0 or Epsilon.");
    }

    /// <summary>How the slope of the estimate is integrated: by the midpoint rule, as in the papers, unless set.</summary>
    public SlopeRule Slope
    {
        get => _slope;
        init => _slope = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Slope), value, "Expected Midpoint or Exact.");
    }

    /// <inheritdoc/>
    public abstract SamplingPlan Plan(TimeGrid grid);
}
