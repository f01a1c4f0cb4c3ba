using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// How few rows a network may be asked for, so that each has the bits that it has in a full batch: libtorch's sums depend on the number
/// of rows in some layers, on some processors, and in which is
/// known to nobody. So the network itself is asked, once for each number of rows: the same rows in few and in a full batch. Where they
/// differ, full batches it is.
/// </summary>
/// <remarks>Thread safe. Remembers answers as long as the model lives.</remarks>
internal sealed class RowAgreement
{
    private readonly ConditionalWeakTable<object, ConcurrentDictionary<string, bool>> _known = [];

    /// <summary>The number of rows to ask for: a power of two, or the whole batch.</summary>
    /// <param name="model">What is asked.</param>
    /// <param name="question">What else the rounding of its answers hangs on.</param>
    /// <param name="count">How many rows are wanted.</param>
    /// <param name="batch">The number of rows of the whole batch.</param>
    /// <param name="agree">Whether so many rows are answered as in a whole batch; null where these rows can not tell.</param>
    public int RowsFor(object model, string question, int count, int batch, Func<int, bool?> agree)
    {
        var known = _known.GetOrCreateValue(model);
        for (int rows = 1; rows < batch; rows *= 2)
            if (rows >= count && Agree(known, $"{question}: {rows} of {batch}, {get_num_threads()} threads", rows, agree))
                return rows;
        return batch;
    }

    private static bool Agree(ConcurrentDictionary<string, bool> known, string key, int rows, Func<int, bool?> agree)
    {
        if (known.TryGetValue(key, out bool found))
            return found;
        return agree(rows) is { } answer && (known[key] = answer);
    }

    /// <summary>Noise to ask about, the same each time: a fresh tensor.</summary>
    /// <param name="like">A tensor [B, ...] whose shape, type and device it has.</param>
    public static Tensor NoiseLike(Tensor like) => new RowNoise(1, [.. Enumerable.Range(0, (int)like.size(0)).Select(row => new RowKey((ulong)row))]).Normal(0, like);

    /// <summary>
    /// Whether answers to few rows are, bit by bit, those to rows of a whole batch; null where numbers are missing, which agree always.
    /// </summary>
    /// <param name="whole">The answers to the whole batch.</param>
    /// <param name="first">The first row of the few.</param>
    /// <param name="few">The answers to the few.</param>
    public static bool? HaveSameBits(Tensor whole, int first, Tensor few)
    {
        using var rows = whole.narrow(0, first, few.size(0));
        using var finite = rows.isfinite();
        using var all = finite.all();
        if (!all.item<bool>())
            return null;
        using Tensor hostRows = rows.cpu(), hostFew = few.cpu();
        using Tensor orderedRows = hostRows.contiguous(), orderedFew = hostFew.contiguous();
        return orderedRows.bytes.SequenceEqual(orderedFew.bytes);
    }
}
