using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Rows that a network is asked about. Owns its tensors.</summary>
/// <param name="X">x [B, ...]; null where conditions are all there is.</param>
/// <param name="Levels">The level of each row; null where x has none.</param>
/// <param name="Layout">What the numbers of the conditions are.</param>
/// <param name="Packed">The conditions [B, width]; null where there are none.</param>
internal sealed record NetworkRows(Tensor? X, NoiseLevels? Levels, ConditionLayout Layout, Tensor? Packed) : IDisposable
{
    /// <summary>The conditions.</summary>
    public Conditioning Condition => new(Layout, Packed);

    /// <summary>Some of the rows.</summary>
    public NetworkRows Part(int first, int count)
        => new(X?.narrow(0, first, count), Levels?.Rows(first, count), Layout, Packed?.narrow(0, first, count));

    /// <summary>A full batch of rows like some of them: these in turn, each with noise of its own, so that no two are alike.</summary>
    /// <param name="like">The rows' numbers; at least one.</param>
    public NetworkRows Alike(IReadOnlyList<int> like)
    {
        int batch = (int)(X ?? Packed!).size(0);
        int[] rows = [.. Enumerable.Range(0, batch).Select(row => like[row % like.Count])];
        using var index = tensor(rows, int64, (X ?? Packed!).device);
        return new(X is null ? null : Noisy(X, index), Levels?.Rows(rows), Layout, Packed?.index_select(0, index));
    }

    public void Dispose()
    {
        X?.Dispose();
        Packed?.Dispose();
    }

    private static Tensor Noisy(Tensor x, Tensor index)
    {
        using var rows = x.index_select(0, index);
        // Numbers that are missing agree always, and so tell nothing.
        using var known = rows.nan_to_num(0, 0, 0);
        using var noise = RowAgreement.NoiseLike(known);
        return known.Plus(noise);
    }
}
