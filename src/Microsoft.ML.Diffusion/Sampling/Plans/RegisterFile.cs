using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The tensors of a run of a plan. Owns all but the start and the inputs, and releases each at its last use.</summary>
internal sealed class RegisterFile : IDisposable
{
    private readonly SamplingPlan _plan;
    private readonly Tensor _start;
    private readonly IReadOnlyList<Tensor> _inputs;
    private readonly INoiseSource _noise;
    private readonly Tensor?[][] _tensors;

    public RegisterFile(SamplingPlan plan, Tensor start, IReadOnlyList<Tensor> inputs, INoiseSource noise)
    {
        _plan = plan;
        _start = start;
        _inputs = inputs;
        _noise = noise;
        _tensors = [.. Enum.GetValues<RegisterKind>().Select(kind => new Tensor?[plan.CountOf(kind)])];
    }

    public Tensor this[Register register] => register.Kind switch
    {
        RegisterKind.Start => _start,
        RegisterKind.Input => _inputs[register.Index],
        // Noise k of the plan is draw k + 1: draw 0 is the start's.
        RegisterKind.Noise => Slot(register) ??= _noise.Normal(register.Index + 1, _start),
        _ => Slot(register) ?? throw new InvalidOperationException($"The plan uses register {register} before it is filled."),
    };

    /// <summary>Fills the registers of an evaluation with an answer, which is owned from here on.</summary>
    public void Fill(Evaluate evaluate, Denoised answer, int instruction)
    {
        using var logVariance = answer.LogVariance;
        Slot(evaluate.Destination) = Adopt(answer.X0, this[evaluate.Source]);
        if (_plan.IsUsed(evaluate.Deviation))
        {
            if (logVariance is null)
                throw new InvalidOperationException("The solver takes its noise from a variance that the network learned, but the denoiser gives none; use a fixed variance.");
            using var deviation = logVariance.Times(0.5);
            Slot(evaluate.Deviation) = Adopt(deviation.exp(), this[evaluate.Source]);
        }
        ReleaseIfLast(evaluate.Source, instruction);
        ReleaseIfLast(evaluate.Destination, instruction);
    }

    /// <summary>Carries out an instruction that needs no denoiser.</summary>
    public void Compute(PlanInstruction instruction, int index)
    {
        switch (instruction)
        {
            case Combine combine:
                Combine(combine, index);
                break;
            case Multiply multiply:
                Multiply(multiply, index);
                break;
            case Restrict restrict:
                Slot(restrict.Destination) = restrict.Limit.Apply(this[restrict.Source]);
                ReleaseSources(restrict, index);
                break;
            case Blend blend:
                Blend(blend, index);
                break;
            case ScaleByNorms scale:
                Scale(scale, index);
                break;
            default:
                throw new NotSupportedException($"Unknown plan instruction {instruction.GetType().Name}.");
        }
    }

    // In the storage of a register that is not used again where there is one; so the product.
    private void Combine(Combine combine, int instruction)
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

    private void Multiply(Multiply multiply, int instruction)
    {
        var (taken, other) = IsDying(multiply.Source, instruction) ? (multiply.Source, multiply.Factor) : (multiply.Factor, multiply.Source);
        bool inPlace = IsDying(taken, instruction) && taken != other;
        Slot(multiply.Destination) = inPlace ? this[taken].mul_(this[other]) : this[taken].mul(this[other]);
        if (inPlace)
            Slot(taken) = null;
        ReleaseSources(multiply, instruction);
    }

    private void Blend(Blend blend, int instruction)
    {
        Slot(blend.Destination) = lerp(this[blend.Outside], this[blend.Inside], this[blend.Mask]);
        ReleaseSources(blend, instruction);
    }

    private void Scale(ScaleByNorms scale, int instruction)
    {
        using (var factor = NormRatio(scale))
        {
            bool inPlace = IsDying(scale.Source, instruction);
            Slot(scale.Destination) = inPlace ? this[scale.Source].mul_(factor) : this[scale.Source].mul(factor);
            // The other two may be the source: then they go with it.
            if (inPlace)
                Slot(scale.Source) = null;
        }
        ReleaseSources(scale, instruction);
    }

    private Tensor NormRatio(ScaleByNorms scale)
    {
        using var numerator = Norms(this[scale.Numerator], scale.OverBatch);
        using var denominator = Norms(this[scale.Denominator], scale.OverBatch);
        using var ratio = numerator.div(denominator);
        using var power = scale.Power == 1 ? ratio.alias() : ratio.Squared();
        var shape = new long[_start.dim()];
        Array.Fill(shape, 1);
        shape[0] = power.size(0);
        return power.reshape(shape);
    }

    private static Tensor Norms(Tensor x, bool overBatch)
    {
        using var rows = x.reshape(x.size(0), -1);
        using var squares = rows.Squared();
        using var sums = squares.sum(1);
        var norms = sums.sqrt();
        if (!overBatch)
            return norms;
        using (norms)
            return norms.mean([0L], keepdim: true);
    }

    /// <summary>The sample; the caller owns it.</summary>
    public Tensor TakeOutput()
    {
        if (RegisterLives.IsGiven(_plan.Output))
            return this[_plan.Output].clone();
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
            if (!IsDying(terms[i].Source, instruction))
                continue;
            if (terms[i].Source.Kind != RegisterKind.Noise)
                return i;
            found = i;
        }
        return found;
    }

    // An answer in the type of the run; the caller's tensor becomes this file's.
    private Tensor Adopt(Tensor answer, Tensor source)
    {
        if (answer.Handle == source.Handle)
            throw new InvalidOperationException("The denoiser answered with its own input; an answer must be a fresh tensor.");
        if (answer.dtype == _start.dtype && answer.numel() == _start.numel())
            return answer;
        using (answer)
        {
            if (answer.numel() != _start.numel())
                throw new InvalidOperationException($"The denoiser answered with a tensor [{string.Join(", ", answer.shape)}], expected the shape of its input, [{string.Join(", ", _start.shape)}].");
            return answer.to(_start.dtype);
        }
    }

    private bool IsDying(Register register, int instruction) => !RegisterLives.IsGiven(register) && _plan.LastUseOf(register) == instruction;

    private void ReleaseSources(PlanInstruction instruction, int index)
    {
        for (int i = 0; i < instruction.SourceCount; i++)
            ReleaseIfLast(instruction.SourceAt(i), index);
        ReleaseIfLast(instruction.Destination, index);
    }

    private void ReleaseIfLast(Register register, int instruction)
    {
        if (!IsDying(register, instruction))
            return;
        Slot(register)?.Dispose();
        Slot(register) = null;
    }
}
