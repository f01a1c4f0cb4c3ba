using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A run of <see cref="DpmAdaptiveSampler"/>: each row at its own λ, in variance-exploding form. Rows that have arrived idle.</summary>
internal sealed class DpmAdaptiveRun
{
    // Closer to the end than this a row has arrived.
    private const double Arrived = 1e-5;

    private readonly DpmAdaptiveSampler _options;
    private readonly RatioDenoiser _denoiser;
    private readonly INoiseSource _noise;
    private readonly Tensor _start;
    private readonly double _end;
    private readonly double[] _lambdas;
    private readonly bool[] _active;
    private readonly PidController[] _controllers;

    public DpmAdaptiveRun(DpmAdaptiveSampler options, RatioDenoiser denoiser, INoiseSource noise, Tensor start, double from, double end)
    {
        int rows = (int)start.size(0);
        _options = options;
        _denoiser = denoiser;
        _noise = noise;
        _start = start;
        _end = end;
        _lambdas = new double[rows];
        Array.Fill(_lambdas, from);
        _active = new bool[rows];
        double order = options.Eta > 0 ? 1.5 : options.Order;
        _controllers = new PidController[options.WholeBatch ? 1 : rows];
        for (int i = 0; i < _controllers.Length; i++)
            _controllers[i] = new PidController(options.FirstStep, options.Gains, order, options.AcceptSafety);
    }

    /// <summary>The state at the end: a fresh tensor.</summary>
    public Tensor ToEnd()
    {
        var x = _start.clone();
        var previous = _start.clone();
        try
        {
            for (int attempt = 1; FindActive(); attempt++)
                Attempt(attempt, ref x, ref previous);
            return x;
        }
        catch
        {
            x.Dispose();
            throw;
        }
        finally
        {
            previous.Dispose();
        }
    }

    private bool FindActive()
    {
        for (int row = 0; row < _active.Length; row++)
            _active[row] = _lambdas[row] < _end - Arrived;
        return _active.Contains(true);
    }

    private void Attempt(int attempt, ref Tensor x, ref Tensor previous)
    {
        var steps = new DpmStep[_active.Length];
        for (int row = 0; row < steps.Length; row++)
            steps[row] = DpmStep.Of(_lambdas[row], _active[row] ? ControllerOf(row).Step : 0, _end, _options.Eta);
        var (low, high) = Solve(x, steps);
        using (low)
        using (high)
        {
            bool[] accepted = Judge(Errors(low, high, previous));
            if (!accepted.Contains(true))
                return;
            using var noisy = AddNoise(high, steps, accepted, attempt);
            using var before = x;
            x = RowTensors.Choose(accepted, noisy ?? high, before);
            using var lowBefore = previous;
            previous = RowTensors.Choose(accepted, low, lowBefore);
            for (int row = 0; row < steps.Length; row++)
                if (accepted[row])
                    _lambdas[row] = steps[row].Target;
        }
    }

    // The results of both orders (Lu et al. 2022, Algorithm 1 and 2, and eq. 4.1).
    private (Tensor Low, Tensor High) Solve(Tensor x, DpmStep[] steps)
    {
        bool third = _options.Order == 3;
        double r1 = third ? 1.0 / 3 : 1.0 / 2, r2 = 2.0 / 3;
        using var e = _denoiser.Noise(x, _lambdas, _active);
        using var u1 = Add(x, e, steps, step => -step.SigmaAt(r1) * step.ExpMinusOneAt(r1));
        using var bend = Change(u1, r1, e, steps);
        var first = Add(x, e, steps, step => -step.SigmaAt(1) * step.ExpMinusOneAt(1));
        try
        {
            var second = Add(first, bend, steps, step => -step.SigmaAt(1) / (2 * r1) * step.ExpMinusOneAt(1));
            if (!third)
                return (first, second);
            using var before = first;
            first = second;
            using var euler = Add(x, e, steps, step => -step.SigmaAt(r2) * step.ExpMinusOneAt(r2));
            using var u2 = Add(euler, bend, steps, step => -step.SigmaAt(r2) * (r2 / r1) * step.BendAt(r2));
            using var laterBend = Change(u2, r2, e, steps);
            return (first, Add(before, laterBend, steps, step => -step.SigmaAt(1) / r2 * step.BendAt(1)));
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    // How the noise estimate at a share of the step differs from that at its start.
    private Tensor Change(Tensor x, double share, Tensor noise, DpmStep[] steps)
    {
        using var later = _denoiser.Noise(x, [.. steps.Select(step => step.At(share))], _active);
        return later.Minus(noise);
    }

    private static Tensor Add(Tensor x, Tensor term, DpmStep[] steps, Func<DpmStep, double> weight)
    {
        using var column = RowTensors.Column([.. steps.Select(weight)], x);
        return x.PlusProduct(column, term);
    }

    // The root mean square of (low − high)/δ with δ = max(atol, rtol·max(|low|, |before|)).
    private double[] Errors(Tensor low, Tensor high, Tensor previous)
    {
        using var scope = NewDisposeScope();
        var delta = low.abs().maximum(previous.abs()).TimesInPlace(_options.RelativeTolerance);
        using Scalar least = _options.AbsoluteTolerance;
        delta.clamp_min_(least);
        var squares = RowTensors.MeanSquares(low.Minus(high).div_(delta), [checked((int)(low.numel() / low.size(0)))]);
        double[] rows = [.. Enumerable.Range(0, _active.Length).Select(row => squares[row, 0])];
        return [.. rows.Select(square => Math.Sqrt(_options.WholeBatch ? rows.Average() : square))];
    }

    private bool[] Judge(double[] errors)
    {
        var accepted = new bool[_active.Length];
        bool? shared = _options.WholeBatch ? _controllers[0].Propose(errors[0]) : null;
        for (int row = 0; row < accepted.Length; row++)
            accepted[row] = _active[row] && (shared ?? _controllers[row].Propose(errors[row]));
        return accepted;
    }

    private Tensor? AddNoise(Tensor x, DpmStep[] steps, bool[] accepted, int attempt)
    {
        double[] added = [.. steps.Select((step, row) => accepted[row] ? step.Added * _options.NoiseScale : 0)];
        if (added.All(deviation => deviation == 0))
            return null;
        // A row's k-th attempt takes draw k, whatever its neighbours do.
        using var noise = _noise.Normal(attempt, x);
        using var column = RowTensors.Column(added, x);
        return x.PlusProduct(column, noise);
    }

    private PidController ControllerOf(int row) => _controllers[_options.WholeBatch ? 0 : row];
}
