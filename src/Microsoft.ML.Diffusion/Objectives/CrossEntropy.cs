using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion;

/// <summary>What a classifier learns: −ln p(y | x), whose mean is least where p is the true posterior.</summary>
public static class CrossEntropy
{
    /// <summary>The loss of each row: [B], through which gradients flow, a fresh tensor.</summary>
    /// <param name="logits">The logits of a batch [B, classes].</param>
    /// <param name="classes">The class of each row, from 0.</param>
    /// <exception cref="ArgumentException">The classes are not as many as the rows, or one is out of range.</exception>
    public static Tensor OfRows(Tensor logits, IReadOnlyList<int> classes)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(classes);
        if (logits.dim() != 2 || logits.size(0) != classes.Count)
            throw new ArgumentException($"Expected logits [{classes.Count}, classes], got [{string.Join(", ", logits.shape)}].", nameof(logits));
        var indices = new long[classes.Count];
        for (int row = 0; row < indices.Length; row++)
            indices[row] = classes[row] >= 0 && classes[row] < logits.size(1)
                ? classes[row]
                : throw new ArgumentException($"Row {row} has class {classes[row]}; expected 0 to {logits.size(1) - 1}.", nameof(classes));
        using var targets = tensor(indices, device: logits.device);
        return F.cross_entropy(logits, targets, reduction: nn.Reduction.None);
    }
}
