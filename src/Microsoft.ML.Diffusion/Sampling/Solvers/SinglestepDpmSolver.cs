namespace Microsoft.ML.Diffusion;

/// <summary>
/// DPM-Solver-1, -2 and -3, singlestep (Lu et al. 2022, arXiv:2206.00927, Algorithms 1 and 2 and eq. 3.7): as many evaluations a step as the
/// order. Order 2 is the midpoint method in ln σ of Karras et al. 2022 (arXiv:2206.00364), k-diffusion's <c>sample_dpm_2</c>, and
/// with η its ancestral form; a budget of evaluations makes it DPM-Solver-fast, k-diffusion's <c>sample_dpm_fast</c>. A step that starts at
/// pure noise or ends at clean data is of order 1.
/// </summary>
/// <param name="order">The order, 1 to 3. 3 unless given; 1 is <see cref="DdimSolver"/>.</param>
/// <param name="eta">
/// η in [0, ∞]: how much of DDPM's noise each step adds (<see cref="DdimSolver"/>), as far as the deterministic part of a step does not go
/// beyond the end of the grid. 0, deterministic, unless given.
/// </param>
/// <param name="noiseScale">The standard deviation of that noise (s_noise), in [0, ∞). 1 unless given; 1 where η is 0.</param>
/// <param name="churn">Noise added before each step; none unless given.</param>
public sealed class SinglestepDpmSolver(int order = 3, double eta = 0, double noiseScale = 1, StochasticChurn? churn = null) : ISolver
{
    private readonly int? _evaluations;

    /// <summary>The order.</summary>
    public int Order { get; } = order is >= 1 and <= 3 ? order : throw new ArgumentOutOfRangeException(nameof(order), order, "The order must be in 1 … 3.");

    /// <summary>How much of DDPM's noise each step adds.</summary>
    public double Eta { get; } = StepNoise.CheckEta(eta);

    /// <summary>The standard deviation of that noise.</summary>
    public double NoiseScale { get; } = StepNoise.CheckScale(noiseScale, eta);

    /// <summary>Noise added before each step; null for none.</summary>
    public StochasticChurn? Churn { get; } = churn;

    /// <summary>
    /// How many evaluations to spend, at least 1; null, the order in every step, unless set. The last steps give up orders first, as in the
    /// paper's DPM-Solver-fast, which spends n on n/3 + 1 steps of even length in λ.
    /// </summary>
    public int? Evaluations
    {
        get => _evaluations;
        init => _evaluations = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Evaluations), value, "The number of evaluations must be at least 1.");
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The steps of the grid can not spend the evaluations asked for.</exception>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var orders = Orders(grid);
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        for (int i = 0; i < grid.Steps; i++)
        {
            var from = Churn?.Apply(trace, grid, i, ref x) ?? grid.Point(i);
            var split = AncestralSplit.Of(from.Level, grid.Levels[i + 1], Eta, grid.Levels[^1].Ratio);
            x = trace.Store(x);
            x = split.Renew(trace, Flow(trace, from, split, grid.Levels[i + 1], x, orders[i]), NoiseScale);
        }
        return trace.Finish(x);
    }

    private LinearExpression Flow(PlanTracer trace, GridPoint point, AncestralSplit split, NoiseLevel to, LinearExpression x, int order)
    {
        var (from, down, variance) = (point.Level, split.Down, split.Variance(NoiseScale));
        var x0 = trace.Ask(x, point, to, variance);
        var end = ConstantFlow.To(from, down, x, x0);
        double h = down.Lambda - from.Lambda;
        if (order == 1 || !double.IsFinite(h))
            return end;
        var noise = NoiseEstimate.Of(from, x, x0);
        double growth = ExpMinusOne.Of(h);
        if (order == 2)
            return end - down.Sigma * growth * (NoiseAt(1 / 2.0, default) - noise);
        // Eq. 3.7 with r_1 = 1/3 and r_2 = 2/3.
        const double R2 = 2 / 3.0;
        var first = NoiseAt(1 / 3.0, default) - noise;
        var second = NoiseAt(R2, 2 * (ExpMinusOne.Of(R2 * h) / (R2 * h) - 1) * first) - noise;
        return end - down.Sigma / R2 * (growth / h - 1) * second;

        // ε̂ at a fraction of the step by λ, in units of σ there.
        LinearExpression NoiseAt(double fraction, LinearExpression correction)
        {
            var level = from.Toward(to, from.Lambda + fraction * h);
            var state = trace.Store(ConstantFlow.To(from, level, x, x0) - level.Sigma * correction);
            return NoiseEstimate.Of(level, state, trace.Denoise(state, level, null, to, variance));
        }
    }

    private int[] Orders(TimeGrid grid)
    {
        // Infinite in λ from pure noise and to clean data.
        int[] orders = [.. Enumerable.Range(0, grid.Steps).Select(i => grid.Levels[i].Alpha == 0 || grid.Levels[i + 1].Sigma == 0 ? 1 : Order)];
        if (Evaluations is not { } budget)
            return orders;
        int most = orders.Sum();
        if (budget < grid.Steps || budget > most)
            throw new ArgumentException($"The {grid.Steps} steps of this grid take {grid.Steps} to {most} evaluations with order {Order}, but {budget} were asked for.", nameof(grid));
        for (int i = grid.Steps - 1, excess = most - budget; excess > 0; i--)
        {
            int given = Math.Min(orders[i] - 1, excess);
            orders[i] -= given;
            excess -= given;
        }
        return orders;
    }
}
