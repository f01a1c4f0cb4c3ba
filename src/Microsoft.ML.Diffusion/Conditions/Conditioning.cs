using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The conditions of a batch: one packed row of numbers a sample, and the layout that says what they are.</summary>
/// <remarks>Does not own its tensor.</remarks>
public sealed class Conditioning
{
    private readonly Tensor? _packed;

    /// <summary>Packed conditions.</summary>
    /// <param name="layout">What the numbers are.</param>
    /// <param name="packed">[B, <see cref="ConditionLayout.Width"/>], Float32; null where the layout is empty.</param>
    /// <exception cref="ArgumentException">The tensor does not fit the layout.</exception>
    public Conditioning(ConditionLayout layout, Tensor? packed)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (layout.Width > 0 && (packed is null || packed.dim() != 2 || packed.size(1) != layout.Width))
            throw new ArgumentException($"Expected packed conditions [batch, {layout.Width}], got {(packed is null ? "none" : $"[{string.Join(", ", packed.shape)}]")}.", nameof(packed));
        Layout = layout;
        _packed = layout.Width > 0 ? packed : null;
    }

    /// <summary>No conditions.</summary>
    public static Conditioning None { get; } = new(ConditionLayout.Empty, null);

    /// <summary>What the packed numbers are.</summary>
    public ConditionLayout Layout { get; }

    /// <summary>The packed numbers [B, width], Float32.</summary>
    /// <exception cref="InvalidOperationException">The layout is empty.</exception>
    public Tensor Packed => _packed ?? throw new InvalidOperationException("These conditions are empty.");

    /// <summary>Some rows: a view, to be disposed with the caller's scope.</summary>
    internal Conditioning Rows(long first, long count) => new(Layout, _packed?.narrow(0, first, count));

    /// <summary>The numbers of one slot [B, slot width]: a view, to be disposed by the caller.</summary>
    /// <param name="slot">The index of the slot.</param>
    public Tensor Slot(int slot) => Packed.narrow(1, Layout.OffsetOf(slot), Layout.Slots[slot].Width);
}
