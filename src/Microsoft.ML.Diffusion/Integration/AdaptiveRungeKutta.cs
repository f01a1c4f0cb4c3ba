using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Integrates the rows of a batch from one time to another, each with its own step (or all with one). Rows that have arrived idle: they are evaluated where they
/// stand, so that batches keep their size.
/// </summary>
/// <remarks>For one run. Leaves no tensor behind but the result.</remarks>
internal sealed class AdaptiveRungeKutta(IRowOde ode, AdaptiveStepping stepping, CancellationToken cancellationToken)
{
    private readonly ErrorNorm _norm = new(stepping, ode.Parts);

    /// <summary>How often the slope was asked for.</summary>
    public int Evaluations { get; private set; }

    /// <summary>The state at the end: a fresh tensor.</summary>
    /// <param name="start">The state [B, n] at the start; it stays the caller's.</param>
    /// <param name="from">The time of the start.</param>
    /// <param name="to">The time of the end.</param>
    /// <exception cref="InvalidOperationException">A slope is not finite, a step gets too small, or too many evaluations were needed; names the level.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public Tensor Integrate(Tensor start, double from, double to)
    {
        var rows = new RowSteps((int)start.size(0), from, to);
        var slopes = new Tensor?[DormandPrince.Stages];
        var state = start.clone();
        try
        {
            slopes[0] = Slope(state, rows.Times, rows.Active);
            FirstSteps(rows, state, slopes[0]!);
            while (rows.AnyActive)
            {
                rows.Prepare(stepping.Control, ode);
                using var next = Step(rows, state, slopes);
                Settle(rows, ref state, next, slopes);
                for (int i = 1; i < slopes.Length; i++)
                {
                    slopes[i]?.Dispose();
                    slopes[i] = null;
                }
            }
            return state;
        }
        catch
        {
            state.Dispose();
            throw;
        }
        finally
        {
            foreach (var slope in slopes)
                slope?.Dispose();
        }
    }

    // The other slopes of a step; the last is taken at its result, which is returned.
    private Tensor Step(RowSteps rows, Tensor state, Tensor?[] slopes)
    {
        using var lengths = RowTensors.Column(rows.Lengths, state);
        Tensor? next = null;
        try
        {
            for (int stage = 1; stage < DormandPrince.Stages; stage++)
            {
                next?.Dispose();
                next = RowTensors.Sum(DormandPrince.Weights[stage], slopes.AsSpan(0, stage)!).mul_(lengths).PlusInPlace(state);
                slopes[stage] = Slope(next, rows.TimesAt(DormandPrince.Nodes[stage]), rows.Active);
            }
            return next!;
        }
        catch
        {
            next?.Dispose();
            throw;
        }
    }

    private void Settle(RowSteps rows, ref Tensor state, Tensor next, Tensor?[] slopes)
    {
        using var lengths = RowTensors.Column(rows.Lengths, state);
        using var error = RowTensors.Sum(stepping.Control.ErrorWeights, slopes!).mul_(lengths);
        using var scale = _norm.Scale(state, next);
        rows.Judge(stepping.Control, _norm.Of(error, scale), ode);
        if (!rows.Accepted.Contains(true))
            return;
        using var before = state;
        using var arrived = rows.Passed.Contains(true) ? Interpolate(rows, before, next, slopes, lengths) : null;
        state = RowTensors.Choose(rows.Accepted, arrived ?? next, before);
        using var slope = slopes[0];
        slopes[0] = RowTensors.Choose(rows.Accepted, slopes[^1]!, slope!);
    }

    // The states at the end of those rows that went past it; the next states of the others.
    private static Tensor Interpolate(RowSteps rows, Tensor state, Tensor next, Tensor?[] slopes, Tensor lengths)
    {
        using var middle = RowTensors.Sum(DormandPrince.MiddleWeights, slopes!).mul_(lengths).PlusInPlace(state);
        using var first = slopes[0]!.mul(lengths);
        using var last = slopes[^1]!.mul(lengths);
        using var x = RowTensors.Column(rows.Shares, state);
        // The polynomial of degree 4 through both ends and the middle, with the slopes at the ends.
        ReadOnlySpan<Tensor> values = [first, last, state, next, middle];
        double[][] coefficients = [[-2, 2, -8, -8, 16], [5, -3, 18, 14, -32], [-4, 1, -11, -5, 16], [1, 0, 0, 0, 0], [0, 0, 1, 0, 0]];
        var sum = RowTensors.Sum(coefficients[0], values);
        foreach (double[] power in coefficients[1..])
        {
            using var term = RowTensors.Sum(power, values);
            sum.mul_(x).PlusInPlace(term);
        }
        using (sum)
            return RowTensors.Choose(rows.Passed, sum, next);
    }

    // Hairer, Nørsett and Wanner 1993, II.4: an explicit Euler step that changes the state little shows how the slope changes.
    private void FirstSteps(RowSteps rows, Tensor state, Tensor slope)
    {
        using var scale = _norm.Scale(state, state);
        double[] d0 = _norm.Of(state, scale), d1 = _norm.Of(slope, scale), h0 = new double[d0.Length], probes = new double[d0.Length], first = new double[d0.Length];
        double longest = stepping.Control.StopsAtEnd ? rows.Distance : double.PositiveInfinity;
        for (int row = 0; row < h0.Length; row++)
        {
            h0[row] = Math.Min(d0[row] < 1e-5 || d1[row] < 1e-5 ? 1e-6 : 0.01 * d0[row] / d1[row], longest);
            probes[row] = rows.Direction * h0[row];
        }
        using var lengths = RowTensors.Column(probes, state);
        using var ahead = slope.mul(lengths).PlusInPlace(state);
        using var slopeAhead = Slope(ahead, [.. rows.Times.Zip(probes, (time, probe) => time + probe)], rows.Active);
        using var change = slopeAhead.Minus(slope);
        double[] d2 = _norm.Of(change, scale);
        for (int row = 0; row < h0.Length; row++)
        {
            double steepest = Math.Max(d1[row], d2[row] / h0[row]);
            double h1 = steepest <= 1e-15 ? Math.Max(1e-6, h0[row] * 1e-3) : Math.Pow(0.01 / steepest, 1.0 / 5);
            first[row] = Math.Min(Math.Min(100 * h0[row], h1), longest);
        }
        rows.Begin(first);
    }

    private Tensor Slope(Tensor state, double[] times, ReadOnlySpan<bool> active)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int leader = active.IndexOf(true);
        if (Evaluations >= stepping.MaxEvaluations)
            throw new InvalidOperationException($"The integration has used up its {stepping.MaxEvaluations} evaluations at level {ode.LevelAt(times[leader])}: raise MaxEvaluations, or loosen the tolerances.");
        Evaluations++;
        var slope = ode.Slope(state, times);
        if (RowTensors.FirstNotFinite(slope, active) is not { } row)
            return slope;
        slope.Dispose();
        throw new InvalidOperationException($"The denoiser answered with NaN or infinity at level {ode.LevelAt(times[row])}, evaluation {Evaluations}.");
    }
}
