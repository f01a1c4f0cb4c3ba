using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A denoiser that goes away from a weaker one.</summary>
internal sealed class AutoguidedDenoiser(IDenoiser inner, Autoguidance guidance, int firstSlot) : IDenoiser
{
    private readonly ConditionLayout? _weakConditions = guidance.Weaker.Networks.FirstOrDefault()?.Conditions;

    private volatile Found? _found;

    /// <inheritdoc/>
    public bool TakesPrevious => inner.TakesPrevious || guidance.Weaker.TakesPrevious;

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        using var scales = GuidanceSlots.Column(condition, firstSlot, Autoguidance.ScaleInput, guidance.Scale, x);
        if (scales is null && guidance.Scale == 1)
            return inner.Denoise(x, step, condition);
        using var packed = Select(condition);
        var weakCondition = _weakConditions is null ? condition : new Conditioning(_weakConditions, packed);
        var weakAnswer = guidance.Weaker.Denoise(x, step, weakCondition);
        using var weak = weakAnswer.X0;
        weakAnswer.LogVariance?.Dispose();
        var answer = inner.Denoise(x, step, condition);
        using var strong = answer.X0;
        return answer with { X0 = RowTensors.Extrapolate(weak, strong, guidance.Scale, scales) };
    }

    // The conditions that the weaker network has, of those of the rows.
    private Tensor? Select(Conditioning condition)
    {
        if (_weakConditions is not { Width: > 0 } weak)
            return null;
        // One layout for all steps of a run: its keys are looked up once.
        var found = _found is { } last && ReferenceEquals(last.Layout, condition.Layout) ? last : _found = Find(condition.Layout, weak);
        using var scope = NewDisposeScope();
        var parts = weak.Slots.Select((slot, i) => found.Conditions[i]?.Select(condition)
            ?? zeros(condition.Packed.size(0), slot.Width, condition.Packed.dtype, condition.Packed.device).FillInPlace(slot.Missing));
        return cat([.. parts], 1).MoveToOuterDisposeScope();
    }

    private static Found Find(ConditionLayout layout, ConditionLayout weak)
        => new(layout, [.. weak.Slots.Select(slot => slot.ComesFromData ? WeakCondition.Of(slot, NetworkSlots.Of(layout)) : null)]);

    private sealed record Found(ConditionLayout Layout, WeakCondition?[] Conditions);
}
