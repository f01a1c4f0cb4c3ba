using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Unpacks rows of conditions into what a network takes. Checked here, on the CPU: an index out of an embedding's range may end the
/// process in native code.
/// </summary>
internal sealed class ConditionReader(ConditionLayout expected, Device device)
{
    /// <summary>The conditions of each row; the tensors belong to the caller's dispose scope.</summary>
    /// <exception cref="ArgumentException">Another layout or number of rows; or a class that is not 0 … Count.</exception>
    public Condition<TorchValue>[] Read(Conditioning conditioning, int rows)
    {
        var slots = expected.Slots;
        if (!NetworkSlots.Of(conditioning.Layout).SequenceEqual(slots))
            throw new ArgumentException($"The network was trained with the conditions [{string.Join(", ", slots)}], got [{string.Join(", ", conditioning.Layout.Slots)}].", nameof(conditioning));
        if (slots.Count == 0)
            return [];
        if (conditioning.Packed.size(0) != rows)
            throw new ArgumentException($"The batch has {rows} rows but {conditioning.Packed.size(0)} rows of conditions.", nameof(conditioning));
        using var host = conditioning.Packed.detach().to(ScalarType.Float32, CPU).contiguous();
        var packed = MemoryMarshal.Cast<byte, float>(host.bytes);
        var conditions = new Condition<TorchValue>[slots.Count];
        for (int i = 0; i < slots.Count; i++)
            conditions[i] = slots[i] is ClassCondition classes
                ? Classes(classes, packed, expected.OffsetOf(i), conditioning.Layout.Width, rows)
                : Vector(slots[i], packed, expected.OffsetOf(i), conditioning.Layout.Width, rows);
        return conditions;
    }

    private Condition<TorchValue> Classes(ClassCondition slot, ReadOnlySpan<float> packed, int offset, int stride, int rows)
    {
        var indices = new long[rows];
        var present = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            float value = packed[row * stride + offset];
            if (!(value >= 0 && value <= slot.Count) || value != MathF.Floor(value))
                throw new ArgumentException(FormattableString.Invariant($"Condition '{slot.Name}' of row {row}: expected a class 1 to {slot.Count}, or 0 for none, got {value}."), nameof(packed));
            indices[row] = (long)value;
            present[row] = value > 0 ? 1 : 0;
        }
        return new Condition<TorchValue>(slot, TorchOps.Input(tensor(indices, device: device)), Column(present));
    }

    private Condition<TorchValue> Vector(ConditionSlot slot, ReadOnlySpan<float> packed, int offset, int stride, int rows)
    {
        var values = new float[rows * slot.Width];
        var present = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            var vector = packed.Slice(row * stride + offset, slot.Width);
            if (vector.ContainsAny(float.NegativeInfinity, float.PositiveInfinity))
                throw new ArgumentException($"Condition '{slot.Name}' of row {row} is infinite.", nameof(packed));
            if (vector.Contains(float.NaN))
                continue;
            vector.CopyTo(values.AsSpan(row * slot.Width));
            present[row] = 1;
        }
        return new Condition<TorchValue>(slot, TorchOps.Input(tensor(values, rows, slot.Width, device: device)), Column(present));
    }

    private TorchValue Column(float[] values) => TorchOps.Input(tensor(values, values.Length, 1, device: device));
}
