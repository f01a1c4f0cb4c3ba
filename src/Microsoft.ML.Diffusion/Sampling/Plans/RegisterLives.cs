using System.Collections.Immutable;

namespace Microsoft.ML.Diffusion;

/// <summary>How long each register of a plan is needed. Tables by kind and index: a plan of a thousand steps takes microseconds.</summary>
internal sealed class RegisterLives
{
    private static readonly int Kinds = Enum.GetValues<RegisterKind>().Length;

    private readonly int[][] _lastUses = new int[Kinds][];

    public RegisterLives(ImmutableArray<PlanInstruction> instructions, Register output)
    {
        Span<int> counts = stackalloc int[Kinds];
        counts.Clear();
        counts[(int)RegisterKind.Start] = 1;
        foreach (var instruction in instructions)
        {
            Count(counts, instruction.Destination);
            for (int i = 0; i < instruction.SourceCount; i++)
                Count(counts, instruction.SourceAt(i));
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
            for (int source = 0; source < instructions[i].SourceCount; source++)
                LastUse(instructions[i].SourceAt(source)) = i;
        }
        LastUse(output) = instructions.Length;
        Peak = FindPeak(instructions);
    }

    /// <summary>The largest number of registers alive at once, noise apart.</summary>
    public int Peak { get; }

    public int CountOf(RegisterKind kind) => _lastUses[(int)kind].Length;

    public int LastUseOf(Register register) => LastUse(register);

    /// <summary>Whether anything reads a register; false too for one that the plan does not know.</summary>
    public bool IsUsed(Register register) => register.Index < CountOf(register.Kind) && LastUse(register) >= 0;

    /// <summary>Whether the tensor of a register is the caller's, so that nobody writes to it.</summary>
    public static bool IsGiven(Register register) => register.Kind is RegisterKind.Start or RegisterKind.Input;

    private static void Count(Span<int> counts, Register register)
        => counts[(int)register.Kind] = Math.Max(counts[(int)register.Kind], register.Index + 1);

    private ref int LastUse(Register register) => ref _lastUses[(int)register.Kind][register.Index];

    private int FindPeak(ImmutableArray<PlanInstruction> instructions)
    {
        int alive = 1 + CountOf(RegisterKind.Input), peak = alive;
        for (int i = 0; i < instructions.Length; i++)
        {
            int dying = 0, filled = 1;
            bool reuses = false;
            for (int source = 0; source < instructions[i].SourceCount; source++)
            {
                var register = instructions[i].SourceAt(source);
                if (register.Kind == RegisterKind.Noise || LastUseOf(register) != i)
                    continue;
                dying++;
                reuses |= !IsGiven(register);
            }
            if (instructions[i] is Evaluate evaluate)
            {
                // An answer comes in storage of its own.
                reuses = false;
                filled += IsUsed(evaluate.Deviation) ? 1 : 0;
            }
            // Any other result takes the storage of a register that dies.
            peak = Math.Max(peak, reuses ? alive : alive + filled);
            alive += filled - dying;
            if (LastUseOf(instructions[i].Destination) == i)
                alive--;
        }
        return peak;
    }
}
