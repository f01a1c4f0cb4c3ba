using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A denoiser under classifier-free guidance. All versions of the conditions go through the inner denoiser in one batch.</summary>
internal sealed class ClassifierFreeDenoiser(IDenoiser inner, ClassifierFreeGuidance guidance, int firstSlot) : IDenoiser
{
    private const string Name = "Classifier-free guidance";

    // The first scale is that of all conditions without one of their own.
    private readonly double[] _scales = [guidance.Scale, .. guidance.Conditions.Select(own => own.Scale)];
    private readonly string[] _negatives = [.. guidance.Negatives];
    private readonly string[] _inputs = [ClassifierFreeGuidance.ScaleInput, .. guidance.Conditions.Select(own => ClassifierFreeGuidance.ScaleInputOf(own.Condition))];

    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        ConditionBranches.RequireConditions(condition.Layout, Name);
        var turns = Turns(condition.Layout);
        var columns = new Tensor?[_scales.Length];
        var branches = new List<Tensor>();
        try
        {
            for (int i = 0; i < columns.Length; i++)
                columns[i] = GuidanceSlots.Column(condition, firstSlot + i, _inputs[i], _scales[i], x);
            // The stages of the chain that are there: at first all conditions that have no scale of their own, then one by one.
            int[] stages = [.. Enumerable.Range(0, _scales.Length).Where(turns.Contains)];
            bool isUniform = stages.All(stage => columns[stage] is null);
            if (isUniform && stages.All(stage => _scales[stage] == 1))
                return inner.Denoise(x, step, condition);
            branches.Add(Pack(condition, turns, -1));
            // What no row weighs is not asked for.
            if (isUniform && guidance is { Rescale: 0, Threshold: null } && stages.All(stage => _scales[stage] == 0))
                return inner.Denoise(x, step, new Conditioning(condition.Layout, branches[0]));
            branches.AddRange(stages.Select(stage => Pack(condition, turns, stage)));
            var (answers, logVariance) = ConditionBranches.Ask(inner, x, step, condition.Layout, branches);
            try
            {
                return new Denoised(Combine(answers, [.. stages.Select(stage => _scales[stage])], [.. stages.Select(stage => columns[stage])]), logVariance);
            }
            finally
            {
                foreach (var answer in answers)
                    answer.Dispose();
            }
        }
        finally
        {
            foreach (var tensor in columns.Concat(branches))
                tensor?.Dispose();
        }
    }

    // The stage at which each condition of the network joins.
    private int[] Turns(ConditionLayout layout)
    {
        var turns = new int[NetworkSlots.CountOf(layout)];
        for (int i = 0; i < guidance.Conditions.Count; i++)
            turns[ConditionBranches.SlotOf(layout, guidance.Conditions[i].Condition, Name)] = i + 1;
        // What no column gives joins with the last, and makes no stage of its own.
        for (int slot = 0; slot < turns.Length; slot++)
            if (!layout.Slots[slot].ComesFromData)
                turns[slot] = turns.Max();
        return turns;
    }

    // The conditions that have joined up to a stage; the negatives of the others, or none.
    private Tensor Pack(Conditioning condition, int[] turns, int stage) => ConditionBranches.Pack(condition, slot =>
    {
        if (turns[slot] <= stage)
            return slot;
        int negative = Array.IndexOf(_negatives, condition.Layout.Slots[slot].Name);
        return negative < 0 ? ConditionBranches.Missing : firstSlot + _scales.Length + negative;
    });

    // D₀ + Σ s_k·(D_k − D_k₋₁); a row with every scale 1 is exactly the plain answer, whatever the rounding of the sum.
    private Tensor Combine(Tensor[] answers, double[] scales, Tensor?[] columns)
    {
        using var scope = NewDisposeScope();
        var guided = answers[0];
        for (int k = 0; k < scales.Length; k++)
        {
            var difference = answers[k + 1].Minus(answers[k]);
            guided = guided.Plus(columns[k] is { } column ? difference.mul(column) : difference.Times(scales[k]));
        }
        if (guidance.Rescale > 0)
            guided = guided.mul(RescaleFactors(answers[^1], guided));
        if (guidance.Threshold is { } quantile)
            guided = ThresholdedDenoiser.Follow(guided, quantile);
        if (scales.Where((scale, k) => columns[k] is null && scale != 1).Any())
            return guided.MoveToOuterDisposeScope();
        var plain = columns.Where(column => column is not null).Select(column => column!.IsOne()).Aggregate((all, one) => all.logical_and(one));
        return where(plain, answers[^1], guided).MoveToOuterDisposeScope();
    }

    // φ·σ_conditional/σ_guided + 1 − φ of each row; rows without deviation stay as they are.
    private Tensor RescaleFactors(Tensor conditional, Tensor guided)
    {
        var ratios = Deviations(conditional).div(Deviations(guided)).nan_to_num(1, 1);
        return ratios.Times(guidance.Rescale).PlusInPlace(1 - guidance.Rescale).view(ColumnShape(conditional));
    }

    private static Tensor Deviations(Tensor x) => x.flatten(1).std(1, unbiased: true);

    private static long[] ColumnShape(Tensor x) => RowTensors.ColumnShape((int)x.size(0), x);
}
