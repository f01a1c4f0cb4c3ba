using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// How few rows a model may be asked for, so that each has the bits that it has in a full batch: libtorch's sums depend on the number of rows in some layers, on some processors, and in which is known
/// to nobody. So the model itself is asked, once for each number of rows: the same rows alone and in a full batch, at several levels. Where they differ, full batches it is.
/// </summary>
/// <remarks>Thread safe. Remembers answers as long as the model lives.</remarks>
internal sealed class RowAgreement
{
    // Of the schedule: guidance may work at some levels alone.
    private static readonly double[] s_times = [0.9, 0.6, 0.3, 0.05];

    private readonly ConditionalWeakTable<DenoiserModel, ConcurrentDictionary<string, bool>> _known = [];

    /// <summary>The number of rows to ask for: a power of two, or the whole batch.</summary>
    /// <param name="handle">The denoiser, as it is sampled.</param>
    /// <param name="condition">The conditions of the whole batch.</param>
    /// <param name="count">How many rows are wanted.</param>
    /// <param name="batch">The number of rows of the whole batch.</param>
    public int RowsFor(DenoiserHandle handle, Conditioning condition, int count, int batch)
    {
        for (int rows = 1; rows < batch; rows *= 2)
            if (rows >= count && Agree(handle, condition, rows, batch))
                return rows;
        return batch;
    }

    private bool Agree(DenoiserHandle handle, Conditioning condition, int rows, int batch)
    {
        var known = _known.GetOrCreateValue(handle.Model);
        // Guidance that no row gives a target is another computation.
        string key = $"{rows} of {batch}, {get_num_threads()} threads, {string.Join(", ", condition.Layout.Slots.Select((slot, i) => $"{slot} {IsGiven(condition, slot, i)}"))}";
        if (known.TryGetValue(key, out bool agree))
            return agree;
        return known[key] = s_times.All(time => AgreeAt(handle, condition, rows, batch, time));
    }

    private static bool IsGiven(Conditioning condition, ConditionSlot slot, int index)
    {
        if (slot is not GuidanceInput)
            return true;
        using var values = condition.Slot(index);
        using var missing = values.isnan();
        using var all = missing.all();
        return !all.item<bool>();
    }

    private static bool AgreeAt(DenoiserHandle handle, Conditioning condition, int rows, int batch, double time)
    {
        var schedule = handle.Spec.Process.Schedule;
        NoiseLevel level = schedule.At(time), target = schedule.At(0.9 * time);
        // As a step of DDPM, for guidance that shifts its mean.
        double variance = target.Sigma * target.Sigma * level.RenewedShare(target);
        using var off = no_grad();
        using var like = empty(handle.Spec.Shape.Batch(batch), float32, handle.Device);
        using var noise = new RowNoise(1, [.. Enumerable.Range(0, batch).Select(row => new RowKey((ulong)row))]).Normal(0, like);
        using var x = noise.Times(Math.Max(level.Sigma, handle.Spec.DataScale));
        var step = new StepContext(new NoiseLevels(level, time), target, variance);
        try
        {
            using var whole = Ask(handle.Denoiser, x, step, condition, rows);
            using var few = Ask(new FirstRowsDenoiser(handle.Denoiser, rows), x, step, condition, rows);
            return whole.bytes.SequenceEqual(few.bytes);
        }
        catch (Exception e) when (e is ArgumentException || e.GetType() == typeof(InvalidOperationException))
        {
            // Asked like this the model has no answer: the run tells why, if it has none there either.
            return false;
        }
    }

    private static Tensor Ask(IDenoiser denoiser, Tensor x, in StepContext step, Conditioning condition, int rows)
    {
        var answer = denoiser.Denoise(x, step, condition);
        answer.LogVariance?.Dispose();
        using var x0 = answer.X0;
        using var first = x0.narrow(0, 0, rows);
        using var host = first.cpu();
        return host.contiguous();
    }
}
