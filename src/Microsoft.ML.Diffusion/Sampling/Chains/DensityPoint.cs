using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>What a density is at a batch of states. Owns its tensors.</summary>
/// <param name="X">The states x [B, ...].</param>
/// <param name="Score">∇ ln p(x) [B, ...]; null where it was not asked for.</param>
/// <param name="LogDensity">ln p(x) [B], up to a constant; null where only differences are known.</param>
public sealed record DensityPoint(Tensor X, Tensor? Score = null, Tensor? LogDensity = null) : IDisposable
{
    /// <summary>The rows of another point where a mask holds, and of this one where it does not.</summary>
    /// <param name="mask">Of truth values, [B].</param>
    /// <param name="other">The other point, with the same fields.</param>
    internal DensityPoint Replace(Tensor mask, DensityPoint other)
        => new(Choose(mask, other.X, X)!, Choose(mask, other.Score, Score), Choose(mask, other.LogDensity, LogDensity));

    /// <summary>Releases the tensors.</summary>
    public void Dispose()
    {
        X.Dispose();
        Score?.Dispose();
        LogDensity?.Dispose();
    }

    private static Tensor? Choose(Tensor mask, Tensor? chosen, Tensor? other)
    {
        if (chosen is null || other is null)
            return null;
        var shape = new long[chosen.dim()];
        Array.Fill(shape, 1);
        shape[0] = chosen.size(0);
        using var rows = mask.view(shape);
        return where(rows, chosen, other);
    }
}
