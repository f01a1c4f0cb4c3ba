using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The symmetric contrastive loss of CLIP (Radford et al. 2021, arXiv:2103.00020, Figure 3): each row of a batch must find its own condition among those of all rows, and each condition its own
/// row, by the cosine of their vectors. Conditions that several rows share count as one: all of these rows are right (Yang et al. 2022, arXiv:2204.03610, eq. 3).
/// </summary>
public static class ContrastiveLoss
{
    /// <summary>The largest factor of the cosines (Radford et al. 2021, section 2.5).</summary>
    public const double LargestScale = 100;

    /// <summary>The logarithm of the factor at the start of training: of 1/0.07 (Radford et al. 2021, section 2.5).</summary>
    public static double FirstLogScale { get; } = Math.Log(1 / 0.07);

    /// <summary>The loss of each row: the mean of both ways, [B], Float32, through which gradients flow, a fresh tensor.</summary>
    /// <param name="data">The vectors of the data [B, S], of length 1.</param>
    /// <param name="conditions">The vectors of their conditions [B, S], of length 1.</param>
    /// <param name="logScale">The logarithm of the factor of the cosines, a scalar or [1]; limited to <see cref="LargestScale"/>.</param>
    /// <param name="groups">A number for each row; rows of the same number have the same condition. Null where all conditions differ.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or the batch has fewer than two rows.</exception>
    public static Tensor OfRows(Tensor data, Tensor conditions, Tensor logScale, IReadOnlyList<int>? groups = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(conditions);
        ArgumentNullException.ThrowIfNull(logScale);
        if (data.dim() != 2 || !data.shape.AsSpan().SequenceEqual(conditions.shape))
            throw new ArgumentException($"Expected vectors [B, S] of data and conditions, got [{string.Join(", ", data.shape)}] and [{string.Join(", ", conditions.shape)}].", nameof(data));
        long rows = data.size(0);
        if (rows < 2)
            throw new ArgumentException($"Contrast needs a batch of at least two rows, got {rows}.", nameof(data));
        if (groups is not null && groups.Count != rows)
            throw new ArgumentException($"The batch has {Plural.Of(rows, "row")} but {Plural.Of(groups.Count, "group")}.", nameof(groups));
        using var scope = NewDisposeScope();
        using TorchSharp.Scalar largest = LargestScale;
        var scale = logScale.to(ScalarType.Float32).exp().clamp_max(largest);
        var logits = data.to(ScalarType.Float32).matmul(conditions.to(ScalarType.Float32).t()).mul(scale);
        var targets = Targets(groups, (int)rows, data.device);
        // Both ways have the same targets: who shares a condition is symmetric.
        var found = targets.mul(F.log_softmax(logits, 1)).sum(1);
        var finds = targets.mul(F.log_softmax(logits.t(), 1)).sum(1);
        return found.Plus(finds).Times(-0.5).MoveToOuterDisposeScope();
    }

    /// <summary>The share of each row in the probability that every row must find: [B, B], rows of sum 1.</summary>
    private static Tensor Targets(IReadOnlyList<int>? groups, int rows, Device device)
    {
        var shares = new float[rows * rows];
        for (int i = 0; i < rows; i++)
        {
            if (groups is null)
            {
                shares[i * rows + i] = 1;
                continue;
            }
            int alike = groups.Count(group => group == groups[i]);
            for (int j = 0; j < rows; j++)
                shares[i * rows + j] = groups[j] == groups[i] ? 1f / alike : 0;
        }
        return tensor(shares, [rows, rows], device: device);
    }
}
