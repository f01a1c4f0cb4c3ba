using System.Collections.Immutable;

namespace Microsoft.ML.Diffusion;

/// <summary>How long each register of a plan is needed. Tables by kind and index: a plan of a thousand steps takes microseconds.</summary>
internal sealed class RegisterLives
{
    private const int Kinds = 4;

    private readonly int[][] _lastUses = new int[Kinds][];

    public RegisterLives(ImmutableArray<PlanInstruction> instructions, Register output)
    {
        Span<int> counts = stackalloc int[Kinds];
        counts.Clear();
        counts[(int)RegisterKind.Start] = 1;
        foreach (var instruction in instructions)
        {
            Count(counts, instruction.Destination);
            foreach (var source in Sources(instruction))
                Count(counts, source.Source);
        }
        Count(counts, output);
        for (int kind = 0; kind < Kinds; kind++)
        {
            _lastUses[kind] = new int[counts[kind]];
            Array.Fill(_lastUses[kind], -1);
        }
        for (int i = 0; i < instructions.Length; i++)
        {
            LastUse(instructions[i].Destination) = i;
            foreach (var source in Sources(instructions[i]))
                LastUse(source.Source) = i;
        }
        LastUse(output) = instructions.Length;
        Peak = FindPeak(instructions);
    }

    /// <summary>The largest number of registers alive at once, noise apart.</summary>
    public int Peak { get; }

    public int CountOf(RegisterKind kind) => _lastUses[(int)kind].Length;

    public int LastUseOf(Register register) => LastUse(register);

    private static void Count(Span<int> counts, Register register)
        => counts[(int)register.Kind] = Math.Max(counts[(int)register.Kind], register.Index + 1);

    private static ReadOnlySpan<PlanTerm> Sources(PlanInstruction instruction) => instruction switch
    {
        Combine combine => combine.Terms.AsSpan(),
        Evaluate evaluate => new PlanTerm[] { new(evaluate.Source, 1) },
        _ => throw new NotSupportedException($"Unknown plan instruction {instruction.GetType().Name}."),
    };

    private ref int LastUse(Register register) => ref _lastUses[(int)register.Kind][register.Index];

    private int FindPeak(ImmutableArray<PlanInstruction> instructions)
    {
        int alive = 1, peak = 1;
        for (int i = 0; i < instructions.Length; i++)
        {
            int dying = 0;
            bool reuses = false;
            foreach (var source in Sources(instructions[i]))
                if (source.Source.Kind != RegisterKind.Noise && LastUseOf(source.Source) == i)
                {
                    dying++;
                    reuses |= instructions[i] is Combine && source.Source.Kind != RegisterKind.Start;
                }
            // A combination takes the storage of a register that dies; the start's is the caller's.
            peak = Math.Max(peak, reuses ? alive : alive + 1);
            alive += 1 - dying;
            if (LastUseOf(instructions[i].Destination) == i)
                alive--;
        }
        return peak;
    }
}
