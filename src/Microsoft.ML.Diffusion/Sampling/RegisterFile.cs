using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The tensors of a run of a plan. Owns all but the start, and releases each at its last use.</summary>
internal sealed class RegisterFile : IDisposable
{
    private readonly SamplingPlan _plan;
    private readonly Tensor _start;
    private readonly INoiseSource _noise;
    private readonly Tensor?[][] _tensors;

    public RegisterFile(SamplingPlan plan, Tensor start, INoiseSource noise)
    {
        _plan = plan;
        _start = start;
        _noise = noise;
        _tensors = [.. Enum.GetValues<RegisterKind>().Select(kind => new Tensor?[plan.CountOf(kind)])];
    }

    public Tensor this[Register register] => register.Kind switch
    {
        RegisterKind.Start => _start,
        // Noise k of the plan is draw k + 1: draw 0 is the start's.
        RegisterKind.Noise => Slot(register) ??= _noise.Normal(register.Index + 1, _start),
        _ => Slot(register) ?? throw new InvalidOperationException($"The plan uses register {register} before it is filled."),
    };

    /// <summary>Fills the destination of an evaluation with a tensor, which is owned from here on.</summary>
    public void Fill(Evaluate evaluate, Tensor answer, int instruction)
    {
        if (answer.Handle == this[evaluate.Source].Handle)
            throw new InvalidOperationException("The denoiser answered with its own input; an answer must be a fresh tensor.");
        if (answer.numel() != _start.numel())
        {
            string got = string.Join(", ", answer.shape);
            answer.Dispose();
            throw new InvalidOperationException($"The denoiser answered with a tensor [{got}], expected the shape of its input, [{string.Join(", ", _start.shape)}].");
        }
        Slot(evaluate.Destination) = answer;
        if (answer.dtype != _start.dtype)
        {
            Slot(evaluate.Destination) = answer.to(_start.dtype);
            answer.Dispose();
        }
        ReleaseIfLast(evaluate.Source, instruction);
        ReleaseIfLast(evaluate.Destination, instruction);
    }

    /// <summary>Fills the destination of a combination, in the storage of a register that is not used again where there is one.</summary>
    public void Combine(Combine combine, int instruction)
    {
        var terms = combine.Terms.AsSpan();
        // Owned by the destination at once: nothing is lost when a draw below fails.
        int first = FindDying(terms, instruction);
        ref var sum = ref Slot(combine.Destination);
        if (terms.IsEmpty)
            sum = zeros_like(_start);
        else if (first < 0)
            sum = Scaled(terms[first = 0]);
        else
            sum = TakeScaled(terms[first]);
        for (int i = 0; i < terms.Length; i++)
        {
            if (i == first)
                continue;
            using Scalar factor = terms[i].Coefficient;
            sum.add_(this[terms[i].Source], factor);
            ReleaseIfLast(terms[i].Source, instruction);
        }
        ReleaseIfLast(combine.Destination, instruction);
    }

    /// <summary>The sample; the caller owns it.</summary>
    public Tensor TakeOutput()
    {
        if (_plan.Output.Kind == RegisterKind.Start)
            return _start.clone();
        var output = this[_plan.Output];
        Slot(_plan.Output) = null;
        return output;
    }

    public void Dispose()
    {
        foreach (var kind in _tensors)
            foreach (var tensor in kind)
                tensor?.Dispose();
    }

    private ref Tensor? Slot(Register register) => ref _tensors[(int)register.Kind][register.Index];

    private Tensor Scaled(PlanTerm term)
    {
        using Scalar factor = term.Coefficient;
        return this[term.Source].mul(factor);
    }

    private Tensor TakeScaled(PlanTerm term)
    {
        var tensor = this[term.Source];
        if (term.Coefficient != 1)
        {
            using Scalar factor = term.Coefficient;
            tensor.mul_(factor);
        }
        Slot(term.Source) = null;
        return tensor;
    }

    // A state or an answer if one dies here, else noise: so the storage of a state stays one, and noise goes.
    private int FindDying(ReadOnlySpan<PlanTerm> terms, int instruction)
    {
        int found = -1;
        for (int i = 0; i < terms.Length; i++)
        {
            if (terms[i].Source.Kind == RegisterKind.Start || _plan.LastUseOf(terms[i].Source) != instruction)
                continue;
            if (terms[i].Source.Kind != RegisterKind.Noise)
                return i;
            found = i;
        }
        return found;
    }

    private void ReleaseIfLast(Register register, int instruction)
    {
        if (register.Kind == RegisterKind.Start || _plan.LastUseOf(register) != instruction)
            return;
        Slot(register)?.Dispose();
        Slot(register) = null;
    }
}
