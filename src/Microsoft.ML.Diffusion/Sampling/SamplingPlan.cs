using System.Collections.Immutable;
using System.Text;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A whole sampling run as a short list of instructions over registers: what it costs is known before it runs, it prints, and
/// one runner executes it whatever the solver.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class SamplingPlan
{
    internal SamplingPlan(TimeGrid grid, ImmutableArray<PlanInstruction> instructions, Register output)
    {
        Grid = grid;
        Instructions = instructions;
        Output = output;
        foreach (var instruction in instructions)
            Check(instruction);
        Evaluations = instructions.Count(instruction => instruction is Evaluate);
        LastUses = FindLastUses();
        PeakRegisters = CountPeak();
    }

    /// <summary>The grid on which the solver was traced.</summary>
    public TimeGrid Grid { get; }

    /// <summary>The instructions in order.</summary>
    public ImmutableArray<PlanInstruction> Instructions { get; }

    /// <summary>The register that holds the sample at the end.</summary>
    public Register Output { get; }

    /// <summary>How often the denoiser is asked (NFE).</summary>
    public int Evaluations { get; }

    /// <summary>The largest number of batch-sized tensors alive at once, noise and the denoiser's own apart.</summary>
    public int PeakRegisters { get; }

    /// <summary>The index of the instruction that uses a register last; the number of instructions for the output.</summary>
    internal IReadOnlyDictionary<Register, int> LastUses { get; }

    /// <summary>The instructions, one a line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(FormattableString.Invariant($"{Grid.Steps} steps, {Evaluations} evaluations, {PeakRegisters} registers, start scale {Grid.PriorScale:g6}"));
        foreach (var instruction in Instructions)
            text.AppendLine(instruction.ToString());
        return text.Append("sample = ").Append(Output).ToString();
    }

    internal static IEnumerable<Register> Sources(PlanInstruction instruction) => instruction switch
    {
        Combine combine => combine.Terms.Select(term => term.Source),
        Evaluate evaluate => [evaluate.Source],
        _ => throw new NotSupportedException($"Unknown plan instruction {instruction.GetType().Name}."),
    };

    private static void Check(PlanInstruction instruction)
    {
        if (instruction is Combine combine && combine.Terms.Any(term => !double.IsFinite(term.Coefficient)))
            throw new InvalidOperationException($"The solver can not use this grid: a coefficient of '{combine}' is not finite.");
    }

    private Dictionary<Register, int> FindLastUses()
    {
        var last = new Dictionary<Register, int>(2 * Instructions.Length);
        for (int i = 0; i < Instructions.Length; i++)
        {
            last[Instructions[i].Destination] = i;
            if (Instructions[i] is Combine combine)
                foreach (var term in combine.Terms)
                    last[term.Source] = i;
            else
                foreach (var source in Sources(Instructions[i]))
                    last[source] = i;
        }
        last[Output] = Instructions.Length;
        return last;
    }

    private int CountPeak()
    {
        var alive = new HashSet<Register> { Register.Start };
        int peak = 1;
        for (int i = 0; i < Instructions.Length; i++)
        {
            alive.Add(Instructions[i].Destination);
            peak = Math.Max(peak, alive.Count);
            foreach (var source in Sources(Instructions[i]))
                if (LastUses[source] == i)
                    alive.Remove(source);
        }
        return peak;
    }
}
