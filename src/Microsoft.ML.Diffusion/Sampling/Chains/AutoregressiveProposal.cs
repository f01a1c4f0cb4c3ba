using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// An autoregressive step, y = c + ρ·(x − c) + s·z, which is drawn to a centre c: not symmetric, so that acceptance needs Hastings' ratio
/// (Hastings 1970, doi:10.1093/biomet/57.1.97). With ρ² + s² = 1 it leaves a standard Gaussian around c as it is, whatever the dimension (Cotter et al.
/// 2013, arXiv:1202.0709).
/// </summary>
/// <param name="correlation">ρ; in [−1, 1].</param>
/// <param name="deviation">s; positive.</param>
/// <param name="centre">c: one number for each place of a row, or one for all; 0 unless given.</param>
public sealed class AutoregressiveProposal(double correlation, double deviation, IReadOnlyList<double>? centre = null) : IProposal
{
    /// <summary>ρ.</summary>
    public double Correlation { get; } = correlation is >= -1 and <= 1
        ? correlation
        : throw new ArgumentOutOfRangeException(nameof(correlation), correlation, "The correlation must be in [−1, 1].");

    /// <summary>s.</summary>
    public double Deviation { get; } = ProposalOptions.CheckPositive(deviation, nameof(deviation));

    /// <summary>c: one number for each place of a row, or one for all; null for 0.</summary>
    public IReadOnlyList<double>? Centre { get; } = centre is null || (centre.Count > 0 && centre.All(double.IsFinite))
        ? centre?.ToArray()
        : throw new ArgumentException($"The centre must have finite numbers, at least one, got [{string.Join(", ", centre)}].", nameof(centre));

    bool IProposal.UsesScore => false;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A row has another number of places than the centre.</exception>
    public Tensor Mean(Tensor x, Tensor? score)
    {
        ArgumentNullException.ThrowIfNull(x);
        var mean = x.Times(Correlation);
        if (Centre is null)
            return mean;
        using var rows = mean.view(mean.size(0), -1);
        if (Centre.Count != 1 && Centre.Count != rows.size(1))
            throw new ArgumentException($"The centre has {Centre.Count} places, but a row has {rows.size(1)}.", nameof(x));
        using var centre = tensor((double[])[.. Centre.Select(place => (1 - Correlation) * place)], dtype: x.dtype, device: x.device);
        rows.PlusInPlace(centre);
        return mean;
    }

    /// <inheritdoc/>
    /// <remarks>Widens s; the centre and the correlation stay.</remarks>
    public IProposal Widen(double factor) => new AutoregressiveProposal(Correlation, factor * Deviation, Centre);
}
