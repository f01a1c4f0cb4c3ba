using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// How few rows a denoiser may be asked for in a run over a batch, with its conditions and guidance: it is asked about noise at several
/// levels.
/// </summary>
/// <param name="agreement">What is known.</param>
/// <param name="handle">The denoiser, as it is run.</param>
/// <param name="program">The run.</param>
/// <param name="condition">The conditions of the whole batch.</param>
/// <param name="batch">The number of rows of the whole batch.</param>
internal sealed class DenoiserAgreement(
    RowAgreement agreement, DenoiserHandle handle, RowProgram program, Conditioning condition, int batch)
{
    // Of the schedule: guidance may work at some levels alone.
    private static readonly double[] s_times = [0.9, 0.6, 0.3, 0.05];

    /// <summary>The number of rows to ask for: a power of two, or the whole batch.</summary>
    /// <param name="count">How many rows are wanted; fewer than the batch has.</param>
    /// <param name="ownLevels">Whether each row is at a level of its own.</param>
    public int RowsFor(int count, bool ownLevels)
    {
        // Guidance that no row gives a target is another computation.
        string slots = string.Join(", ", condition.Layout.Slots.Select((slot, i) => $"{slot} {IsGiven(slot, i)}"));
        string question = $"{program.GetType().Name}, {(ownLevels ? "own levels" : "a level")}, {slots}";
        return agreement.RowsFor(handle.Model, question, count, batch, rows => Agree(rows, ownLevels));
    }

    private bool IsGiven(ConditionSlot slot, int index)
    {
        if (slot is not GuidanceInput)
            return true;
        using var values = condition.Slot(index);
        using var missing = values.isnan();
        using var all = missing.all();
        return !all.item<bool>();
    }

    private bool? Agree(int rows, bool ownLevels)
    {
        using var off = no_grad();
        try
        {
            for (int i = 0; i < s_times.Length; i++)
                if (AgreeAt(rows, i, ownLevels) is not true and var answer)
                    return answer;
            return true;
        }
        catch (Exception e) when (e is ArgumentException || e.GetType() == typeof(InvalidOperationException))
        {
            // Asked like this the model has no answer: the run tells why, if it has none there either.
            return false;
        }
    }

    private bool? AgreeAt(int rows, int index, bool ownLevels)
    {
        var schedule = handle.Spec.Process.Schedule;
        NoiseLevel level = schedule.At(s_times[index]), target = schedule.At(0.9 * s_times[index]);
        // As a step of DDPM, for guidance that shifts its mean.
        double variance = target.Sigma * target.Sigma * level.RenewedShare(target);
        using var like = empty(handle.Spec.Shape.Batch(batch), float32, handle.Device);
        using var noise = RowAgreement.NoiseLike(like);
        using var x = noise.Times(Math.Max(level.Sigma, handle.Spec.DataScale));
        var step = ownLevels
            ? new StepContext(OwnLevels(schedule, index))
            : new StepContext(new NoiseLevels(level, s_times[index]), target, variance);
        using var whole = program.Ask(handle.Denoiser, x, step, condition);
        using var answer = program.Ask(new FirstRowsDenoiser(handle.Denoiser, rows), x, step, condition);
        using var few = answer.narrow(0, 0, rows);
        return RowAgreement.HaveSameBits(whole, 0, few);
    }

    private NoiseLevels OwnLevels(NoiseSchedule schedule, int index)
    {
        double[] times = [.. Enumerable.Range(0, batch).Select(row => s_times[(index + row) % s_times.Length])];
        return new NoiseLevels([.. times.Select(schedule.At)], times);
    }
}
