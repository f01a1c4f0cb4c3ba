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
        var given = NetworkSlots.Of(conditioning.Layout);
        if (given.Count != slots.Count || !slots.Zip(given).All(pair => pair.First.Takes(pair.Second)))
            throw new ArgumentException($"The network was trained with the conditions [{string.Join(", ", slots)}], got [{string.Join(", ", conditioning.Layout.Slots)}].", nameof(conditioning));
        if (slots.Count == 0)
            return [];
        if (conditioning.Packed.size(0) != rows)
            throw new ArgumentException($"The batch has {Plural.Of(rows, "row")} but {Plural.Of(conditioning.Packed.size(0), "row")} of conditions.", nameof(conditioning));
        using var host = conditioning.Packed.detach().to(ScalarType.Float32, CPU).contiguous();
        var packed = MemoryMarshal.Cast<byte, float>(host.bytes);
        var conditions = new Condition<TorchValue>[slots.Count];
        for (int i = 0; i < slots.Count; i++)
            conditions[i] = slots[i] switch
            {
                ClassCondition classes => Classes(classes, packed, expected.OffsetOf(i), conditioning.Layout.Width, rows),
                TokensCondition tokens => Tokens(tokens, packed, expected.OffsetOf(i), conditioning.Layout.Width, rows),
                PictureCondition picture => Vector(picture, packed, expected.OffsetOf(i), conditioning.Layout.Width, rows, picture.Shape.Batch(rows)),
                SequenceCondition sequence => Sequence(sequence, packed, expected.OffsetOf(i), conditioning.Layout.Width, rows),
                var vector => Vector(vector, packed, expected.OffsetOf(i), conditioning.Layout.Width, rows, [rows, vector.Width]),
            };
        return conditions;
    }

    private Condition<TorchValue> Classes(ClassCondition slot, ReadOnlySpan<float> packed, int offset, int stride, int rows)
    {
        var indices = new long[rows];
        var present = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            indices[row] = Index(packed[row * stride + offset], slot.Count, "class", slot, row);
            present[row] = Math.Sign(indices[row]);
        }
        return new Condition<TorchValue>(slot, TorchOps.Input(tensor(indices, device: device)), Column(present));
    }

    private Condition<TorchValue> Tokens(TokensCondition slot, ReadOnlySpan<float> packed, int offset, int stride, int rows)
    {
        var indices = new long[rows * slot.Tokens];
        var mask = new float[indices.Length];
        var present = new float[rows];
        for (int i = 0; i < indices.Length; i++)
        {
            int row = i / slot.Tokens;
            indices[i] = Index(packed[row * stride + offset + i % slot.Tokens], slot.Vocabulary, "token", slot, row);
            mask[i] = Math.Sign(indices[i]);
            present[row] = Math.Max(present[row], mask[i]);
        }
        return new Condition<TorchValue>(slot, TorchOps.Input(tensor(indices, [rows, slot.Tokens], device: device)), Column(present), TorchOps.Input(tensor(mask, rows, slot.Tokens, device: device)));
    }

    private static long Index(float value, int count, string what, ConditionSlot slot, int row)
        => value >= 0 && value <= count && value == MathF.Floor(value)
            ? (long)value
            : throw new ArgumentException(FormattableString.Invariant($"Condition '{slot.Name}' of row {row}: expected a {what} 1 to {count}, or 0 for none, got {value}."), nameof(value));

    private Condition<TorchValue> Vector(ConditionSlot slot, ReadOnlySpan<float> packed, int offset, int stride, int rows, long[] sizes)
    {
        var values = new float[rows * slot.Width];
        var present = new float[rows];
        for (int row = 0; row < rows; row++)
            present[row] = CopyUnlessMissing(packed.Slice(row * stride + offset, slot.Width), values.AsSpan(row * slot.Width), slot, row) ? 1 : 0;
        return new Condition<TorchValue>(slot, TorchOps.Input(tensor(values, sizes, device: device)), Column(present));
    }

    private Condition<TorchValue> Sequence(SequenceCondition slot, ReadOnlySpan<float> packed, int offset, int stride, int rows)
    {
        var values = new float[rows * slot.Width];
        var mask = new float[rows * slot.Tokens];
        var present = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            for (int token = 0; token < slot.Tokens; token++)
            {
                int place = token * slot.TokenWidth;
                if (!CopyUnlessMissing(packed.Slice(row * stride + offset + place, slot.TokenWidth), values.AsSpan(row * slot.Width + place), slot, row))
                    continue;
                mask[row * slot.Tokens + token] = 1;
                present[row] = 1;
            }
        }
        var tokens = TorchOps.Input(tensor(values, [rows, slot.Tokens, slot.TokenWidth], device: device));
        return new Condition<TorchValue>(slot, tokens, Column(present), TorchOps.Input(tensor(mask, rows, slot.Tokens, device: device)));
    }

    private static bool CopyUnlessMissing(ReadOnlySpan<float> numbers, Span<float> target, ConditionSlot slot, int row)
    {
        if (numbers.ContainsAny(float.NegativeInfinity, float.PositiveInfinity))
            throw new ArgumentException($"Condition '{slot.Name}' of row {row} is infinite.", nameof(numbers));
        if (numbers.Contains(float.NaN))
            return false;
        numbers.CopyTo(target);
        return true;
    }

    private TorchValue Column(float[] values) => TorchOps.Input(tensor(values, values.Length, 1, device: device));
}
