using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Makes the batches of a run. Each is a function of the seed and its number alone, so batches may be made ahead, on any thread.
/// </summary>
/// <remarks>
/// Rows come in epochs, each in an order of its own, one after the other without a gap. Not thread safe.
/// </remarks>
/// <param name="data">The rows.</param>
/// <param name="shape">The shape of a sample.</param>
/// <param name="layout">What the packed conditions are.</param>
/// <param name="process">The forward process.</param>
/// <param name="seed">The seed of the run.</param>
/// <param name="batchSize">The number of rows of a batch.</param>
/// <param name="conditionDropout">The probability with which a row loses all its conditions.</param>
/// <param name="offsetNoise">The standard deviation of the offset of a channel's noise.</param>
/// <param name="flips">Whether every other picture, at random, is mirrored.</param>
/// <param name="augmentation">How pictures are augmented, told by the last condition of the layout; null for not at all.</param>
/// <param name="pairing">Which row meets which noise; its own where null.</param>
/// <param name="separateDropouts">The probability with which a row loses each of its conditions alone; never where null.</param>
internal sealed class BatchSource(
    SampleBuffer data, DataShape shape, ConditionLayout layout, IForwardProcess process, ulong seed, int batchSize, double conditionDropout, double offsetNoise = 0, bool flips = false, PictureAugmentation? augmentation = null, NoisePairing? pairing = null,
    IReadOnlyList<double>? separateDropouts = null)
{
    private readonly PictureAugmenter? _augmenter = augmentation is null ? null : new(augmentation, shape, seed);
    private readonly Range[] _pictures = [.. Enumerable.Range(0, layout.Slots.Count).Where(slot => layout.Slots[slot] is PictureCondition).Select(slot => PlaceOf(layout, slot))];
    // Where the samples lie on the device, they are taken there; but what works on them in memory needs them in memory.
    private readonly Tensor? _resident = augmentation is null && pairing is not { ReadsSamples: true } ? data.Resident : null;
    private readonly double[] _uniform = new double[batchSize];
    private readonly RowKey[] _keys = new RowKey[batchSize];
    private readonly long[] _rows = new long[batchSize];
    private readonly bool[] _mirrored = new bool[batchSize];
    private int[] _order = [];
    private long _epoch = -1;

    /// <summary>A batch.</summary>
    /// <param name="step">Its number, from 0. Quickest in rising order.</param>
    public TrainingBatch Batch(long step)
    {
        using var noGrad = no_grad();
        var x0 = empty(shape.Batch(batchSize), ScalarType.Float32, CPU);
        var conditions = layout.Width > 0 ? empty([batchSize, layout.Width], ScalarType.Float32, CPU) : null;
        var samples = MemoryMarshal.Cast<byte, float>(x0.bytes);
        var packed = conditions is null ? default : MemoryMarshal.Cast<byte, float>(conditions.bytes);
        if (conditions is not null)
            RowNoise.FillUniform(_uniform, seed, new RowKey((ulong)step, DrawKeys.ConditionDropout), 0);
        for (int i = 0; i < batchSize; i++)
        {
            long position = step * batchSize + i;
            _keys[i] = new RowKey((ulong)position, DrawKeys.Latent);
            long row = _rows[i] = RowAt(position);
            var sample = samples.Slice(i * shape.Size, shape.Size);
            bool mirrors = _mirrored[i] = flips && Coin(position, DrawKeys.Flip);
            if (_resident is null)
            {
                data.Sample(row).CopyTo(sample);
                if (mirrors)
                    Mirror(sample);
            }
            if (conditions is null)
                continue;
            var target = packed.Slice(i * layout.Width, layout.Width);
            if (_uniform[i] < conditionDropout)
                layout.WriteMissing(target);
            else
                data.Conditions(row).CopyTo(target);
            var map = _augmenter?.Apply(position, sample, target[^PictureAugmentation.LabelSize..]);
            // What happens to a picture happens to those beside it.
            foreach (var place in _pictures)
            {
                if (mirrors)
                    Mirror(target[place]);
                if (map is { } warp)
                    _augmenter!.Warp(warp, target[place]);
            }
        }
        DropSeparately(step, packed);
        var noise = new RowNoise(seed, _keys);
        INoiseSource latents = offsetNoise == 0 ? noise : new OffsetNoise(noise, offsetNoise);
        var latent = process.DrawLatent(x0, latents, 0);
        if (pairing is not null && ConditionalPairing.Pair(pairing, samples, MemoryMarshal.Cast<byte, float>(latent.bytes), packed, batchSize) is { } order)
            latent = Permute(latent, order);
        if (_resident is not null)
            x0 = Taken(x0, _resident);
        return new TrainingBatch(x0, latent, Uniforms(step), conditions, Coin(step, DrawKeys.SelfConditioning), noise);
    }

    private void DropSeparately(long step, Span<float> packed)
    {
        for (int slot = 0; slot < separateDropouts?.Count; slot++)
        {
            if (separateDropouts[slot] == 0)
                continue;
            RowNoise.FillUniform(_uniform, seed, new RowKey((ulong)step, DrawKeys.SeparateDropout), slot);
            for (int i = 0; i < batchSize; i++)
                if (_uniform[i] < separateDropouts[slot])
                    packed.Slice(i * layout.Width, layout.Width)[PlaceOf(layout, slot)].Fill(layout.Slots[slot].Missing);
        }
    }

    private static Range PlaceOf(ConditionLayout layout, int slot) => layout.OffsetOf(slot)..(layout.OffsetOf(slot) + layout.Slots[slot].Width);

    // The rows of the batch from the device, in place of a tensor that only stood for their shape.
    private Tensor Taken(Tensor stand, Tensor resident)
    {
        using (stand)
        using (var indices = tensor(_rows, device: resident.device))
        using (var flat = resident.index_select(0, indices))
        {
            var x0 = flat.view(shape.Batch(batchSize));
            if (!flips)
                return x0;
            using (x0)
            using (var coins = tensor(_mirrored, device: resident.device))
            using (var mirrored = coins.view(RowTensors.ColumnShape(batchSize, x0)))
            using (var reversed = x0.flip(-1))
                return where(mirrored, reversed, x0);
        }
    }

    private static Tensor Permute(Tensor rows, int[] order)
    {
        using (rows)
        using (var indices = tensor([.. order.Select(row => (long)row)]))
            return rows.index_select(0, indices);
    }

    // One random number serves the whole batch: row i has its fractional distance i/B from it (Kingma et al. 2021, arXiv:2107.00630,
    // appendix I.1). The levels cover their density evenly, and the loss varies less from batch to batch.
    private double[] Uniforms(long step)
    {
        RowNoise.FillUniform(_uniform.AsSpan(0, 1), seed, new RowKey((ulong)step, DrawKeys.Time), 0);
        double offset = _uniform[0];
        return [.. Enumerable.Range(0, batchSize).Select(i => Math.Clamp((i + offset) / batchSize, 1e-9, 1 - 1e-9))];
    }

    private bool Coin(long position, ulong key)
    {
        Span<double> uniform = stackalloc double[1];
        RowNoise.FillUniform(uniform, seed, new RowKey((ulong)position, key), 0);
        return uniform[0] < 0.5;
    }

    private void Mirror(Span<float> picture)
    {
        int width = shape.Dimensions[^1];
        for (int at = 0; at < picture.Length; at += width)
            picture.Slice(at, width).Reverse();
    }

    private long RowAt(long position)
    {
        long epoch = position / data.Count;
        if (epoch != _epoch)
        {
            _order = RowNoise.Permutation(seed, (int)epoch, checked((int)data.Count));
            _epoch = epoch;
        }
        return _order[position % data.Count];
    }
}
