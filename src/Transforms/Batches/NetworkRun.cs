using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// A pass that asks a network once about each row. A batch has full size, or a smaller one that was found to give the same bits, so that
/// a result does not depend on its neighbours and few rows cost few.
/// </summary>
/// <param name="agreement">How few rows may be asked for.</param>
/// <param name="model">What is asked: the same object as long as its weights live.</param>
/// <param name="width">The length of an answer.</param>
/// <param name="size">The number of rows of a full batch.</param>
internal abstract class NetworkRun(RowAgreement agreement, object model, int width, int size) : BatchRun
{
    // Different orders of sums show in most of their results, not in all.
    private const int EnoughNumbers = 256, EnoughParts = 4;

    private readonly float[] _results = new float[size * width];

    public sealed override void Compute(int count)
    {
        using var noGrad = no_grad();
        using var rows = Gather(count);
        int[] telling = [.. Enumerable.Range(0, count).Where(IsTelling)];
        int asked = count == size || telling.Length == 0
            ? size
            : agreement.RowsFor(model, GetType().Name, count, size, few => Agree(rows, telling, few));
        using var part = rows.Part(0, asked);
        using var answers = Ask(part);
        using var wide = answers.to(float32);
        using var host = wide.cpu();
        using var ordered = host.contiguous();
        MemoryMarshal.Cast<byte, float>(ordered.bytes).CopyTo(_results);
        for (int place = 0; place < count; place++)
            Finish(place, _results.AsSpan(place * width, width));
    }

    public sealed override ReadOnlySpan<float> Result(int place) => _results.AsSpan(place * width, width);

    /// <summary>The rows of a full batch, of which so many were loaded.</summary>
    protected abstract NetworkRows Gather(int count);

    /// <summary>The answers [B, ...] to rows: a fresh tensor.</summary>
    protected abstract Tensor Ask(NetworkRows rows);

    /// <summary>Whether the answer to a loaded row hangs on what is in it.</summary>
    protected virtual bool IsTelling(int place) => true;

    /// <summary>Turns an answer into what the user gets, in place.</summary>
    protected virtual void Finish(int place, Span<float> answer)
    {
    }

    private bool? Agree(NetworkRows rows, int[] telling, int few)
    {
        using var alike = rows.Alike(telling);
        using var whole = Ask(alike);
        int parts = Math.Min(Math.Max(EnoughParts, EnoughNumbers / (few * width)), size / few);
        for (int i = 0; i < parts; i++)
        {
            using var part = alike.Part(i * few, few);
            using var answers = Ask(part);
            if (RowAgreement.HaveSameBits(whole, i * few, answers) is not true and var answer)
                return answer;
        }
        return true;
    }
}
