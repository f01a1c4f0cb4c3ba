using System.Collections.Immutable;

namespace Microsoft.ML.Diffusion;

/// <summary>Records what a solver does: it computes with <see cref="LinearExpression"/> values, and a plan remains.</summary>
/// <remarks>Used once, by one thread, for one plan.</remarks>
/// <param name="grid">The grid of the run.</param>
public sealed class PlanTracer(TimeGrid grid)
{
    // A hundred thousand steps of five instructions: beyond, the number of steps is a mistake, or a file's false claim.
    private const int MostInstructions = 1 << 19;

    private readonly TimeGrid _grid = grid ?? throw new ArgumentNullException(nameof(grid));
    private readonly ImmutableArray<PlanInstruction>.Builder _instructions = ImmutableArray.CreateBuilder<PlanInstruction>(2 * grid.Steps + 1);
    private int _states;
    private int _evaluations;
    private int _draws;
    private int _inputs;

    /// <summary>The state from which the run starts, at the first level of the grid.</summary>
    public LinearExpression Start { get; } = new(Register.Start);

    /// <summary>A fresh draw of standard normal noise.</summary>
    public LinearExpression Noise() => new(new Register(RegisterKind.Noise, _draws++));

    /// <summary>A further tensor that the caller gives to the run: the first, the second and so on of its inputs.</summary>
    public LinearExpression Input() => new(new Register(RegisterKind.Input, _inputs++));

    /// <summary>The standard deviation of the reverse step, place by place, as the network learned it.</summary>
    /// <param name="x0">An answer of the denoiser, straight from <see cref="Denoise(LinearExpression, int, double)"/>.</param>
    public static LinearExpression LearnedDeviation(LinearExpression x0) => x0.AsRegister is { Kind: RegisterKind.Denoised } answer
        ? new LinearExpression(new Register(RegisterKind.Deviation, answer.Index))
        : throw new ArgumentException($"Only an answer of the denoiser brings a deviation, not {x0}.", nameof(x0));

    /// <summary>The product of two states, place by place.</summary>
    /// <param name="factor">A state; stored first where it is a combination.</param>
    /// <param name="x">A state; stored first where it is a combination.</param>
    public LinearExpression Multiply(LinearExpression factor, LinearExpression x)
    {
        var (left, right) = (RegisterOf(factor), RegisterOf(x));
        return Add(new Multiply(NextState(), left, right));
    }

    /// <summary>One state where a mask is 1, another where it is 0.</summary>
    /// <param name="mask">The mask, in [0, 1].</param>
    /// <param name="inside">Holds where the mask is 1; stored first where it is a combination.</param>
    /// <param name="outside">Holds where the mask is 0; stored first where it is a combination.</param>
    public LinearExpression Blend(LinearExpression mask, LinearExpression inside, LinearExpression outside)
    {
        var (weight, one, zero) = (RegisterOf(mask), RegisterOf(inside), RegisterOf(outside));
        return Add(new Blend(NextState(), weight, one, zero));
    }

    /// <summary>A state times a power of a ratio of norms, row by row.</summary>
    /// <param name="x">The state; stored first where it is a combination.</param>
    /// <param name="numerator">What multiplies by its norm; stored first where it is a combination.</param>
    /// <param name="denominator">What divides by its norm; stored first where it is a combination.</param>
    /// <param name="power">The power of the ratio; 1 or 2.</param>
    /// <param name="overBatch">Whether norms are means over the batch, so that a row depends on its neighbours, instead of each row's own.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="power"/> is neither 1 nor 2.</exception>
    public LinearExpression ScaleByNorms(LinearExpression x, LinearExpression numerator, LinearExpression denominator, int power = 1, bool overBatch = false)
    {
        if (power is not (1 or 2))
            throw new ArgumentOutOfRangeException(nameof(power), power, "The power must be 1 or 2.");
        var (source, above, below) = (RegisterOf(x), RegisterOf(numerator), RegisterOf(denominator));
        return Add(new ScaleByNorms(NextState(), source, above, below, power, overBatch));
    }

    /// <summary>Keeps a combination in a register of its own, so that it is computed once.</summary>
    /// <param name="expression">The combination.</param>
    public LinearExpression Store(LinearExpression expression)
    {
        if (expression.AsRegister is not null)
            return expression;
        return Add(new Combine(NextState(), expression.ToImmutable()));
    }

    /// <summary>Records a whole plan as a part of this one: every edit of a run is made so, whatever its solver.</summary>
    /// <param name="plan">The plan of any solver. Its inputs and draws become further ones of this recording.</param>
    /// <param name="start">The state from which it starts here; stored first where it is a combination.</param>
    /// <param name="arrive">
    /// What becomes of each state at which the run arrives, given the state and its level: those that the denoiser is asked about, the start apart,
    /// and the one at the end. They stay as they are unless given.
    /// </param>
    /// <returns>The state at the end.</returns>
    public LinearExpression Append(SamplingPlan plan, LinearExpression start, Func<LinearExpression, NoiseLevel, LinearExpression>? arrive = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new PlanCopy(this, plan, Store(start), arrive).Record();
    }

    /// <summary>Noises a state again, in one draw: √(ᾱ_to/ᾱ_from)·x + √(1 − ᾱ_to/ᾱ_from)·z at variance-preserving levels.</summary>
    /// <param name="x">The state.</param>
    /// <param name="from">Its level.</param>
    /// <param name="to">A noisier level.</param>
    public LinearExpression Renoise(LinearExpression x, NoiseLevel from, NoiseLevel to)
        => to.Alpha / from.Alpha * x + to.Sigma * Math.Sqrt(to.RenewedShare(from)) * Noise();

    /// <summary>Asks the denoiser at a point of the grid for x̂0; the step goes to the next point.</summary>
    /// <param name="x">The state at that point; stored first where it is a combination, so <see cref="Store"/> it before using it again.</param>
    /// <param name="point">The index of the point, below <see cref="TimeGrid.Steps"/>.</param>
    /// <param name="noiseVariance">The variance of the noise that the step adds.</param>
    public LinearExpression Denoise(LinearExpression x, int point, double noiseVariance = 0)
        => Ask(x, _grid.Point(point), point < _grid.Steps ? _grid.Arrival(point) : _grid.Levels[point], noiseVariance);

    /// <summary>Asks the denoiser for x̂0 at a point on or beside the grid.</summary>
    /// <param name="x">The state at that point.</param>
    /// <param name="point">The point.</param>
    /// <param name="target">The level to which the step goes.</param>
    internal LinearExpression Denoise(LinearExpression x, GridPoint point, NoiseLevel target) => Ask(x, point, target, 0);

    /// <summary>Asks the denoiser for x̂0 at any level.</summary>
    /// <param name="x">The state; stored first where it is a combination.</param>
    /// <param name="level">The level at which the denoiser is asked.</param>
    /// <param name="time">The time of the level in the schedule, where it has one.</param>
    /// <param name="target">The level to which the step goes.</param>
    /// <param name="noiseVariance">The variance of the noise that the step adds.</param>
    public LinearExpression Denoise(LinearExpression x, NoiseLevel level, double? time, NoiseLevel? target, double noiseVariance = 0)
        => Ask(x, new GridPoint(level, time), target, noiseVariance);

    /// <summary>The same at a point with the time that the network is told there.</summary>
    internal LinearExpression Ask(LinearExpression x, GridPoint point, NoiseLevel? target, double noiseVariance)
    {
        var source = RegisterOf(x);
        return Add(new Evaluate(new Register(RegisterKind.Denoised, _evaluations++), source, point.Level, point.Time, target, noiseVariance) { Told = point.Told });
    }

    /// <summary>An estimate within its limit.</summary>
    /// <param name="x0">The estimate; stored first where it is a combination.</param>
    /// <param name="limit">The limit; the estimate itself where null.</param>
    public LinearExpression Limit(LinearExpression x0, EstimateLimit? limit)
    {
        if (limit is null)
            return x0;
        var source = RegisterOf(x0);
        return Add(new Restrict(NextState(), source, limit));
    }

    /// <summary>Ends the recording.</summary>
    /// <param name="output">The sample.</param>
    /// <exception cref="InvalidOperationException">A coefficient is not finite: the solver can not use this grid; names the instruction.</exception>
    public SamplingPlan Finish(LinearExpression output)
    {
        var result = RegisterOf(output);
        return new SamplingPlan(_grid, _instructions.DrainToImmutable(), result);
    }

    private Register NextState() => new(RegisterKind.State, _states++);

    private Register RegisterOf(LinearExpression expression) => Store(expression).AsRegister!.Value;

    private LinearExpression Add(PlanInstruction instruction)
    {
        if (_instructions.Count == MostInstructions)
            throw new ArgumentException($"The run would take more than {MostInstructions} instructions: take fewer steps, or repeat them less.");
        _instructions.Add(instruction);
        return new LinearExpression(instruction.Destination);
    }
}
