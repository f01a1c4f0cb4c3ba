using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A whole sampling run as a short list of instructions over registers: what it costs is known before it runs, it prints, and
/// one runner executes it whatever the solver.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class SamplingPlan : ISamplingProgram
{
    private readonly RegisterLives _lives;

    internal SamplingPlan(TimeGrid grid, ImmutableArray<PlanInstruction> instructions, Register output)
    {
        Grid = grid;
        Instructions = instructions;
        Output = output;
        foreach (var instruction in instructions)
            Check(instruction);
        _lives = new RegisterLives(instructions, output);
        Evaluations = _lives.CountOf(RegisterKind.Denoised);
    }

    /// <summary>The grid on which the solver was traced.</summary>
    public TimeGrid Grid { get; }

    /// <summary>The instructions in order.</summary>
    public ImmutableArray<PlanInstruction> Instructions { get; }

    /// <summary>The register that holds the sample at the end.</summary>
    public Register Output { get; }

    /// <summary>How often the denoiser is asked (NFE).</summary>
    public int Evaluations { get; }

    int? ISamplingProgram.Evaluations => Evaluations;

    /// <summary>The number of tensors that the caller gives beside the start.</summary>
    public int Inputs => CountOf(RegisterKind.Input);

    /// <summary>Whether the denoiser must give the variance of its steps (<see cref="Denoised.LogVariance"/>).</summary>
    public bool NeedsLearnedVariance => CountOf(RegisterKind.Deviation) > 0;

    /// <summary>The largest number of batch-sized tensors alive at once, noise and the denoiser's own apart.</summary>
    public int PeakRegisters => _lives.Peak;

    /// <summary>The number of registers of a kind.</summary>
    /// <param name="kind">The kind.</param>
    internal int CountOf(RegisterKind kind) => _lives.CountOf(kind);

    /// <summary>The index of the instruction that uses a register last; the number of instructions for the output.</summary>
    /// <param name="register">The register.</param>
    internal int LastUseOf(Register register) => _lives.LastUseOf(register);

    /// <summary>Whether any instruction reads a register.</summary>
    /// <param name="register">The register.</param>
    internal bool IsUsed(Register register) => _lives.IsUsed(register);

    Tensor ISamplingProgram.Run(
        IDenoiser denoiser,
        Tensor start,
        Conditioning condition,
        INoiseSource noise,
        IProgress<SamplingProgress>? progress,
        CancellationToken cancellationToken)
        => PlanRunner.Run(this, denoiser, start, condition, noise, null, progress, cancellationToken);

    /// <summary>What the run costs, the levels that it visits, and its instructions; the middle of a long plan is left out.</summary>
    public override string ToString() => ToString(new PlanTextOptions());

    /// <summary>What the run costs, the levels that it visits, and its instructions.</summary>
    /// <param name="options">A title, and how much of a long plan is shown.</param>
    public string ToString(PlanTextOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return PlanText.Write(this, options);
    }

    private static void Check(PlanInstruction instruction)
    {
        if (instruction is not Combine combine)
            return;
        foreach (var term in combine.Terms)
            if (!double.IsFinite(term.Coefficient))
                throw new InvalidOperationException($"The solver can not use this grid: a coefficient of '{combine}' is not finite.");
    }
}
