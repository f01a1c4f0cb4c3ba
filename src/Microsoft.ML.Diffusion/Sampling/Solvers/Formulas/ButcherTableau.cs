using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The coefficients of an explicit Runge–Kutta method (Butcher 1964; Hairer, Nørsett and Wanner 1993, II.1): stage i is evaluated at
/// x + Σ a_ij·k_j, and a step is x + Σ b_i·k_i.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class ButcherTableau
{
    // Rounding of sums of a few numbers of size 1.
    private const double Rounding = 1e-12;

    private readonly double[][] _stages;
    private readonly double[] _weights;
    private readonly double[] _nodes;

    /// <summary>A tableau.</summary>
    /// <param name="stages">a_ij: row i, from 0, has i numbers, whose sum is in [0, 1]; at least one row.</param>
    /// <param name="weights">b_i, one of each stage; their sum is 1.</param>
    /// <exception cref="ArgumentException">A row or the weights are not as they must be; says which and how.</exception>
    public ButcherTableau(IReadOnlyList<IReadOnlyList<double>> stages, IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(stages);
        ArgumentNullException.ThrowIfNull(weights);
        _stages = [.. stages.Select(row => row.ToArray())];
        _weights = [.. weights];
        _nodes = [.. _stages.Select(row => row.Sum()).Select(sum => Math.Abs(sum - 1) < Rounding ? 1 : sum)];
        for (int i = 0; i < _stages.Length; i++)
            if (_stages[i].Length != i || !(_nodes[i] is >= 0 and <= 1))
                throw new ArgumentException($"Row {i} of a tableau must have {i} numbers with a sum in [0, 1], got [{string.Join(", ", _stages[i])}].", nameof(stages));
        if (_weights.Length == 0 || _weights.Length != _stages.Length || !(Math.Abs(_weights.Sum() - 1) < Rounding))
            throw new ArgumentException($"A tableau needs one weight of each of its {_stages.Length} stages, at least one, with a sum of 1; got [{string.Join(", ", _weights)}].", nameof(weights));
    }

    /// <summary>a_ij: row i, from 0, has i numbers.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Stages => _stages;

    /// <summary>b_i: how much of each stage's slope a step takes.</summary>
    public IReadOnlyList<double> Weights => _weights;

    /// <summary>c_i: where in a step each stage lies, from 0 to 1; the sums of the rows.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> Nodes => _nodes;

    /// <summary>The state after a step.</summary>
    /// <param name="trace">The recording.</param>
    /// <param name="path">How the level moves during the step.</param>
    /// <param name="x">The state before; stored.</param>
    internal LinearExpression Advance(PlanTracer trace, in LevelPath path, LinearExpression x)
    {
        var slopes = new LinearExpression[_stages.Length];
        var end = x;
        for (int i = 0; i < slopes.Length; i++)
        {
            var state = x;
            for (int j = 0; j < i; j++)
                state += _stages[i][j] * slopes[j];
            state = trace.Store(state);
            slopes[i] = OdeSlope.Of(path, _nodes[i], state, trace.Denoise(state, path.At(_nodes[i]), path.At(1).Level));
            end += _weights[i] * slopes[i];
        }
        return end;
    }
}
