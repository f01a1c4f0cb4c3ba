using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The same rows under several versions of their conditions, answered in one call of a denoiser.</summary>
internal static class ConditionBranches
{
    /// <summary>A condition that is left out.</summary>
    public const int Missing = -1;

    /// <summary>The packed conditions of one version: a fresh tensor [B, width].</summary>
    /// <param name="condition">The conditions of the rows.</param>
    /// <param name="source">
    /// Where each condition of the network is taken from, by its slot: the slot itself, that of a guidance's input, or <see cref="Missing"/>. Inputs of guidances stay as they are.
    /// </param>
    public static Tensor Pack(Conditioning condition, Func<int, int> source)
    {
        var layout = condition.Layout;
        using var off = no_grad();
        var packed = condition.Packed.clone();
        for (int slot = 0; slot < NetworkSlots.CountOf(layout); slot++)
        {
            int from = source(slot);
            if (from == slot)
                continue;
            double missing = layout.Slots[slot].Missing;
            using var target = packed.narrow(1, layout.OffsetOf(slot), layout.Slots[slot].Width);
            using var given = from == Missing || from >= layout.Slots.Count ? null : GuidanceSlots.Find(condition, from, layout.Slots[from].Name, layout.Slots[slot].Width);
            if (given is null)
            {
                target.FillInPlace(missing);
                continue;
            }
            using var values = double.IsNaN(missing) ? given.alias() : given.nan_to_num(missing);
            target.copy_(values);
        }
        return packed;
    }

    /// <summary>The packed conditions with every condition of the network left out: a fresh tensor; null where there is none.</summary>
    /// <param name="condition">The conditions of the rows.</param>
    public static Tensor? WithoutConditions(Conditioning condition) => NetworkSlots.CountOf(condition.Layout) == 0 ? null : Pack(condition, _ => Missing);

    /// <summary>x̂0 of each version, as views of one tensor, to be disposed by the caller; and the logarithm of the variance that the last one has, a fresh tensor.</summary>
    /// <param name="inner">The denoiser.</param>
    /// <param name="x">x [B, ...].</param>
    /// <param name="step">The step.</param>
    /// <param name="layout">The layout of the conditions.</param>
    /// <param name="branches">The packed conditions of each version.</param>
    public static (Tensor[] X0, Tensor? LogVariance) Ask(IDenoiser inner, Tensor x, in StepContext step, ConditionLayout layout, IReadOnlyList<Tensor> branches)
    {
        int count = branches.Count;
        using var states = cat([.. Enumerable.Repeat(x, count)]);
        using var packed = cat([.. branches]);
        using var previous = step.Previous is { } estimate ? cat([.. Enumerable.Repeat(estimate, count)]) : null;
        var answer = inner.Denoise(states, step with { Level = step.Level.Repeat(count), Previous = previous }, new Conditioning(layout, packed));
        using var x0 = answer.X0;
        using var logVariances = answer.LogVariance;
        using var last = logVariances?.narrow(0, (count - 1) * x.size(0), x.size(0));
        return (x0.chunk(count), last?.clone());
    }

    /// <summary>The slot of a condition of the network.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="name">The name of the condition.</param>
    /// <param name="what">What asks, to begin a sentence with.</param>
    /// <exception cref="ArgumentException">There is none of the name.</exception>
    public static int SlotOf(ConditionLayout layout, string name, string what)
    {
        var slots = NetworkSlots.Of(layout);
        for (int slot = 0; slot < slots.Count; slot++)
            if (slots[slot].ComesFromData && slots[slot].Name == name)
                return slot;
        throw new ArgumentException($"{what} names the condition '{name}', which the model does not have; its conditions are: {string.Join(", ", slots.Where(slot => slot.ComesFromData).Select(slot => $"'{slot.Name}'").DefaultIfEmpty("none"))}.", nameof(name));
    }

    /// <summary>Refuses models without conditions.</summary>
    /// <exception cref="ArgumentException">The model has none.</exception>
    public static void RequireConditions(ConditionLayout layout, string what)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (!NetworkSlots.Of(layout).Any(slot => slot.ComesFromData))
            throw new ArgumentException($"{what} needs a conditional model, but this one was trained without conditions.", nameof(layout));
    }
}
