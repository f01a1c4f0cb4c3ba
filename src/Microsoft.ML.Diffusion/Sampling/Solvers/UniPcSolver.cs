using System.Collections.Immutable;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// UniPC, a predictor and a corrector in one (Zhao et al. 2023, arXiv:2302.04867, Algorithms 1 and 2; diffusers' UniPCMultistepScheduler): each answer corrects the step
/// that led to it before it predicts the next. Deterministic, one evaluation a step; of order p, of p + 1 with the corrector (theorem 3.1). The first steps are of as
/// high an order as the answers before them allow; a step that ends at clean data is of order 1, and one from pure noise is not corrected.
/// </summary>
/// <param name="order">The order p of the predictor, 1 to 3. 2 unless given.</param>
/// <param name="variant">The function B(h). B₂ unless given.</param>
public sealed class UniPcSolver(int order = 2, UniPcVariant variant = UniPcVariant.Bh2) : ISolver
{
    private readonly SolverEstimate _estimate = SolverEstimate.X0;
    private readonly ImmutableArray<int> _uncorrected = [];

    /// <summary>The order of the predictor.</summary>
    public int Order { get; } = MultistepOrder.CheckRange(order);

    /// <summary>The function B(h).</summary>
    public UniPcVariant Variant { get; } = Enum.IsDefined(variant) ? variant : throw new ArgumentOutOfRangeException(nameof(variant), variant, "Expected Bh1 or Bh2.");

    /// <summary>What is interpolated: x̂0 unless set.</summary>
    public SolverEstimate Estimate
    {
        get => _estimate;
        init => _estimate = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Estimate), value, "Expected X0 or Epsilon.");
    }

    /// <summary>Whether orders fall to 1 at the end of the run, which is steadier. True unless set.</summary>
    public bool LowerOrderFinal { get; init; } = true;

    /// <summary>Whether steps are corrected; without, the predictor alone (UniP) remains. True unless set.</summary>
    public bool Corrects { get; init; } = true;

    /// <summary>The steps, from 0, that are not corrected (diffusers' <c>disable_corrector</c>); none unless set.</summary>
    public IReadOnlyList<int> Uncorrected
    {
        get => _uncorrected;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _uncorrected = value.All(step => step >= 0) ? [.. value] : throw new ArgumentOutOfRangeException(nameof(Uncorrected), value.Min(), "Steps are counted from 0.");
        }
    }

    /// <inheritdoc/>
    public SamplingPlan Plan(TimeGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var trace = new PlanTracer(grid);
        var x = trace.Start;
        var history = new EstimateHistory(grid);
        // The step before, and where it led without what the polynomial adds.
        ReverseSdeStep before = default;
        var constant = default(LinearExpression);
        int order = 0;
        for (int i = 0; i < grid.Steps; i++)
        {
            var step = new ReverseSdeStep(grid.Levels[i], grid.Levels[i + 1], 0, Estimate);
            x = trace.Store(x);
            var x0 = trace.Denoise(x, i);
            var estimate = step.Estimate(trace, x, x0);
            if (i > 0 && Corrects && !_uncorrected.Contains(i - 1) && double.IsFinite(before.Length))
            {
                x = trace.Store(constant + Correction(history, before, i - 1, order, estimate));
                // The mean takes x̂0 as the corrected state and the estimate have it.
                x0 = step.Clean(x, estimate);
            }
            history.Add(estimate);
            order = LowerOrderFinal ? Math.Min(Order, grid.Steps - i) : Order;
            order = MultistepOrder.Highest(grid, i, order);
            constant = trace.Store(step.Mean(x, x0));
            x = constant + Correction(history, step, i, order, null);
            before = step;
        }
        return trace.Finish(x);
    }

    private LinearExpression Correction(EstimateHistory history, in ReverseSdeStep step, int point, int order, LinearExpression? end)
    {
        // A single difference is weighed by B(h)/2 (diffusers; the paper's ρ = 1/2), more by the conditions of theorem 3.1, which make the polynomial exact.
        bool single = end is null ? order == 2 : order == 1;
        return single
            ? (Variant == UniPcVariant.Bh1 ? step.Scale : step.Moment(0)) / 2 * history.Difference(step, point, end)
            : history.Interpolate(step, point, order, end);
    }
}
