using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Executes plans on torch: without gradients, in the type and on the device of the starting state, in place where a register is used for
/// the last time.
/// </summary>
/// <remarks>Thread safe. Leaves no tensor behind but the sample, also when it fails or is cancelled.</remarks>
public static class PlanRunner
{
    /// <summary>The state from which a run on a grid starts: noise of draw 0 at the grid's scale. A fresh tensor.</summary>
    /// <param name="grid">The grid.</param>
    /// <param name="noise">The source of random numbers.</param>
    /// <param name="like">A tensor [B, ...] whose shape, type and device the state has.</param>
    public static Tensor DrawStart(TimeGrid grid, INoiseSource noise, Tensor like)
    {
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(noise);
        ArgumentNullException.ThrowIfNull(like);
        using var off = no_grad();
        return noise.Normal(0, like).TimesInPlace(grid.PriorScale);
    }

    /// <summary>Runs a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="denoiser">The denoiser.</param>
    /// <param name="start">The starting state [B, ...], at the first level of the grid; it stays the caller's, untouched.</param>
    /// <param name="condition">The condition of each row.</param>
    /// <param name="noise">The source of random numbers; the plan's noise k is draw k + 1.</param>
    /// <param name="inputs">The plan's further tensors, each of the shape, type and device of the start; none unless the plan wants them.</param>
    /// <param name="progress">Told after each evaluation; nobody unless given.</param>
    /// <param name="cancellationToken">Ends the run before the next evaluation.</param>
    /// <returns>The sample, of the shape of <paramref name="start"/>: a fresh tensor that the caller owns.</returns>
    /// <exception cref="ArgumentException">The start is no batch, or the inputs are not those that the plan wants.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The denoiser answered with NaN or infinity; names the level where it did first.</exception>
    public static Tensor Run(
        SamplingPlan plan,
        IDenoiser denoiser,
        Tensor start,
        Conditioning condition,
        INoiseSource noise,
        IReadOnlyList<Tensor>? inputs = null,
        IProgress<SamplingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(denoiser);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(noise);
        if (start.dim() < 2)
            throw new ArgumentException($"Expected a batch [B, ...] to start from, got a tensor of {start.dim()} dimensions.", nameof(start));
        inputs ??= [];
        CheckInputs(plan, start, inputs);

        using var off = no_grad();
        using var registers = new RegisterFile(plan, start, inputs, noise);
        using var remembering = new RememberingDenoiser(denoiser);
        using var answers = new AnswerCheck();
        int evaluations = 0;
        for (int i = 0; i < plan.Instructions.Length; i++)
        {
            if (plan.Instructions[i] is not Evaluate evaluate)
            {
                registers.Compute(plan.Instructions[i], i);
                continue;
            }
            cancellationToken.ThrowIfCancellationRequested();
            var step = new StepContext(new NoiseLevels(evaluate.Level, evaluate.Time, evaluate.Told), evaluate.Target, evaluate.NoiseVariance);
            var denoised = remembering.Denoise(registers[evaluate.Source], step, condition);
            answers.Note(denoised.X0, evaluate.Level);
            registers.Fill(evaluate, denoised, i);
            progress?.Report(new SamplingProgress(++evaluations, plan.Evaluations, evaluate.Level));
        }
        answers.ThrowIfNotFinite();
        return registers.TakeOutput();
    }

    private static void CheckInputs(SamplingPlan plan, Tensor start, IReadOnlyList<Tensor> inputs)
    {
        if (inputs.Count != plan.Inputs)
            throw new ArgumentException($"The plan wants {plan.Inputs} inputs beside the start, got {inputs.Count}.", nameof(inputs));
        for (int i = 0; i < inputs.Count; i++)
            if (!inputs[i].shape.AsSpan().SequenceEqual(start.shape) || inputs[i].dtype != start.dtype)
                throw new ArgumentException($"Expected inputs like the start, [{string.Join(", ", start.shape)}] of {start.dtype}, but input {i} is [{string.Join(", ", inputs[i].shape)}] of {inputs[i].dtype}.", nameof(inputs));
    }
}
