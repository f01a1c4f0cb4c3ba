namespace Microsoft.ML.Diffusion;

/// <summary>
/// A step of the diffusion SDE whose noise is scaled by η, solved exactly in λ while x̂0 stays the same (Lu et al. 2022,
/// arXiv:2211.01095, section 5; k-diffusion's SDE solvers). η = 0 is the probability-flow ODE, η = 1 the reverse SDE.
/// </summary>
internal readonly struct ReverseSdeStep
{
    private readonly double _alpha;
    private readonly double _keep;

    public ReverseSdeStep(NoiseLevel from, NoiseLevel to, double eta)
    {
        Step = to.Lambda - from.Lambda;
        // An infinite step without noise: 0·∞ is 0 here.
        double noisy = eta == 0 ? 0 : eta * Step;
        Length = Step + noisy;
        Change = -ExpMinusOne.Of(-Length);
        Fresh = to.Sigma * Math.Sqrt(-ExpMinusOne.Of(-2 * noisy));
        _alpha = to.Alpha;
        _keep = to.Sigma / from.Sigma * Math.Exp(-noisy);
    }

    /// <summary>h = λ_to − λ; infinite from pure noise and to clean data.</summary>
    public double Step { get; }

    /// <summary>(1 + η)·h.</summary>
    public double Length { get; }

    /// <summary>1 − e^(−(1+η)h).</summary>
    public double Change { get; }

    /// <summary>The standard deviation of the noise that the step adds.</summary>
    public double Fresh { get; }

    /// <summary>φ_2 = 1 − (1 − e^(−(1+η)h))/((1+η)h): the weight of the estimate's first derivative, exactly.</summary>
    public double Phi2 => 1 - Change / Length;

    /// <summary>The state after the step, for a constant estimate, without noise.</summary>
    public LinearExpression Mean(LinearExpression x, LinearExpression x0) => _keep * x + _alpha * Change * x0;

    /// <summary>A correction of the estimate, in the units of the state.</summary>
    public LinearExpression Correct(double weight, LinearExpression difference) => _alpha * weight * difference;

    /// <summary>The variance of the noise that the step adds.</summary>
    public double Variance(double scale) => scale * Fresh * (scale * Fresh);

    /// <summary>Adds the step's noise, where there is any.</summary>
    public LinearExpression Renew(PlanTracer trace, LinearExpression x, double scale)
        => scale * Fresh > 0 ? x + scale * Fresh * trace.Noise() : x;
}
