namespace Microsoft.ML.Diffusion;

/// <summary>Records the instructions of a finished plan into another recording, where the caller may change the states on the way.</summary>
internal sealed class PlanCopy
{
    private readonly PlanTracer _trace;
    private readonly SamplingPlan _plan;
    private readonly Func<LinearExpression, NoiseLevel, LinearExpression>? _arrive;
    private readonly Dictionary<Register, LinearExpression> _copies = [];
    private readonly HashSet<Register> _arrived = [Register.Start];
    private readonly Dictionary<Register, LinearExpression> _answers = [];
    private readonly EstimateLimit? _limit;

    public PlanCopy(PlanTracer trace, SamplingPlan plan, LinearExpression start, Func<LinearExpression, NoiseLevel, LinearExpression>? arrive, EstimateLimit? limit = null)
    {
        _limit = limit;
        _trace = trace;
        _plan = plan;
        _arrive = arrive;
        _copies[Register.Start] = start;
        // All at once and before any draw of an edit: a solver draws the same numbers with and without it.
        for (int i = 0; i < plan.CountOf(RegisterKind.Noise); i++)
            _copies[new Register(RegisterKind.Noise, i)] = trace.Noise();
        for (int i = 0; i < plan.Inputs; i++)
            _copies[new Register(RegisterKind.Input, i)] = trace.Input();
    }

    public LinearExpression Record()
    {
        foreach (var instruction in _plan.Instructions)
            _copies[instruction.Destination] = Copy(instruction);
        Arrive(_plan.Output, _plan.Grid.Levels[^1]);
        return _copies[_plan.Output];
    }

    private LinearExpression Copy(PlanInstruction instruction)
    {
        switch (instruction)
        {
            case Combine combine:
                var sum = default(LinearExpression);
                foreach (var term in combine.Terms)
                    sum += term.Coefficient * CopyOf(term.Source);
                return _trace.Store(sum);
            case Evaluate evaluate:
                Arrive(evaluate.Source, evaluate.Level);
                var answer = _trace.Ask(CopyOf(evaluate.Source), new GridPoint(evaluate.Level, evaluate.Time, evaluate.Told), evaluate.Target, evaluate.NoiseVariance);
                _answers[evaluate.Destination] = answer;
                return _trace.Limit(answer, _limit);
            case Multiply multiply:
                return _trace.Multiply(CopyOf(multiply.Factor), CopyOf(multiply.Source));
            case Restrict restrict:
                return _trace.Limit(CopyOf(restrict.Source), restrict.Limit);
            case Blend blend:
                return _trace.Blend(CopyOf(blend.Mask), CopyOf(blend.Inside), CopyOf(blend.Outside));
            case ScaleByNorms scale:
                return _trace.ScaleByNorms(CopyOf(scale.Source), CopyOf(scale.Numerator), CopyOf(scale.Denominator), scale.Power, scale.OverBatch);
            default:
                throw new NotSupportedException($"Unknown plan instruction {instruction.GetType().Name}.");
        }
    }

    private LinearExpression CopyOf(Register register) => register.Kind == RegisterKind.Deviation
        ? PlanTracer.LearnedDeviation(_answers[new Register(RegisterKind.Denoised, register.Index)])
        : _copies[register];

    private void Arrive(Register state, NoiseLevel level)
    {
        if (_arrive is not null && _arrived.Add(state))
            _copies[state] = _trace.Store(_arrive(_copies[state], level));
    }
}
