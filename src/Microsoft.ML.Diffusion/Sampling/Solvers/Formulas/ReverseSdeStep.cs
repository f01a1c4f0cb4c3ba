namespace Microsoft.ML.Diffusion;

/// <summary>
/// A step of the diffusion SDE whose noise is scaled by η, integrated in λ: its linear part exactly, and a polynomial estimate too
/// (Lu et al. 2022, arXiv:2211.01095, sections 4 and 5; arXiv:2206.00927, section 3; k-diffusion's SDE solvers). η = 0 is the
/// probability-flow ODE, η = 1 the reverse SDE.
/// </summary>
internal readonly struct ReverseSdeStep
{
    private readonly NoiseLevel _from;
    private readonly NoiseLevel _to;
    private readonly SolverEstimate _estimate;
    private readonly double _eta;
    private readonly double _noisy;
    private readonly double _argument;

    public ReverseSdeStep(NoiseLevel from, NoiseLevel to, double eta = 0, SolverEstimate estimate = SolverEstimate.X0)
    {
        (_from, _to, _eta, _estimate) = (from, to, eta, estimate);
        Length = to.Lambda - from.Lambda;
        // An infinite step without noise: 0·∞ is 0 here.
        _noisy = eta == 0 ? 0 : eta * Length;
        bool clean = estimate == SolverEstimate.X0;
        // x̂0 enters by α_to·∫(1+η)h·e^(−(1+η)h(1−u)) du, ε̂ by −σ_to·(1+η)·∫h·e^(h(1−u)) du, with u from 0 to 1.
        Scale = clean ? to.Alpha * (Length + _noisy) : -to.Sigma * (1 + eta) * Length;
        _argument = clean ? -(Length + _noisy) : Length;
        Fresh = to.Sigma == 0 ? 0
            : clean ? to.Sigma * Math.Sqrt(-ExpMinusOne.Of(-2 * _noisy))
            : eta == 0 ? 0 : to.Sigma * Math.Sqrt(eta * ExpMinusOne.Of(2 * Length));
    }

    /// <summary>h = λ_to − λ; infinite from pure noise and to clean data.</summary>
    public double Length { get; }

    /// <summary>The factor of the estimate's moments: (1 + η)h in the units of the state.</summary>
    public double Scale { get; }

    /// <summary>The standard deviation of the noise that the step adds.</summary>
    public double Fresh { get; }

    /// <summary>What the solver interpolates, of the state where the step starts.</summary>
    public LinearExpression Estimate(PlanTracer trace, LinearExpression x, LinearExpression x0)
        => _estimate == SolverEstimate.X0 ? x0 : trace.Store(NoiseEstimate.Of(_from, x, x0));

    /// <summary>x̂0 of the state where the step starts, from what the solver interpolates.</summary>
    public LinearExpression Clean(LinearExpression x, LinearExpression estimate)
        => _estimate == SolverEstimate.X0 ? estimate : (x - _from.Sigma * estimate) / _from.Alpha;

    /// <summary>The state after the step, for a constant estimate, without noise. A step to clean data gives x̂0.</summary>
    public LinearExpression Mean(LinearExpression x, LinearExpression x0)
    {
        if (_estimate == SolverEstimate.X0)
            return _to.Sigma / _from.Sigma * Math.Exp(-_noisy) * x - _to.Alpha * ExpMinusOne.Of(-(Length + _noisy)) * x0;
        var flow = ConstantFlow.To(_from, _to, x, x0);
        return _eta == 0 || _to.Sigma == 0 ? flow : flow - _to.Sigma * _eta * ExpMinusOne.Of(Length) * NoiseEstimate.Of(_from, x, x0);
    }

    /// <summary>How much the estimate's term u^n counts, where u runs from 0 to 1 over the step. The step is finite.</summary>
    public double Moment(int n)
    {
        if (double.IsInfinity(_argument))
            // All noise is renewed, so that only the end of the step counts.
            return _to.Alpha;
        double factorial = 1;
        for (int j = 2; j <= n; j++)
            factorial *= j;
        return Scale * factorial * PhiFunction.Of(n + 1, _argument);
    }

    /// <summary>What the polynomial through estimates adds to the constant one.</summary>
    /// <param name="nodes">Where the estimates are, in steps from the start of this one: 0 first.</param>
    /// <param name="estimates">The estimates there.</param>
    public LinearExpression Interpolate(ReadOnlySpan<double> nodes, ReadOnlySpan<LinearExpression> estimates)
    {
        int count = nodes.Length;
        // The weight of each of Newton's divided differences: the integral of Π(u − node) over the nodes before.
        Span<double> weights = stackalloc double[count], moments = stackalloc double[count], product = stackalloc double[count + 1];
        for (int n = 0; n < count; n++)
            moments[n] = Moment(n);
        weights.Clear();
        product.Clear();
        product[0] = 1;
        for (int k = 1; k < count; k++)
            for (int n = k; n >= 0; n--)
            {
                product[n] = (n > 0 ? product[n - 1] : 0) - nodes[k - 1] * product[n];
                weights[k] += product[n] * moments[n];
            }
        // The divided differences, backwards: each is a difference of two of the order below.
        for (int order = count - 1; order > 0; order--)
            for (int k = order; k < count; k++)
            {
                weights[k] /= nodes[k] - nodes[k - order];
                weights[k - 1] -= weights[k];
            }
        return LinearExpression.Sum(weights, estimates);
    }

    /// <summary>The variance of the noise that the step adds.</summary>
    public double Variance(double scale) => scale * Fresh * (scale * Fresh);

    /// <summary>Adds the step's noise, where there is any.</summary>
    public LinearExpression Renew(PlanTracer trace, LinearExpression x, double scale)
        => scale * Fresh > 0 ? x + scale * Fresh * trace.Noise() : x;
}
