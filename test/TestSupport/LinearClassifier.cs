using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>ln softmax(x·Wᵀ + b), whatever the level; x of any shape is flattened.</summary>
/// <param name="weights">W [classes, values], row by row.</param>
/// <param name="biases">b [classes].</param>
public sealed class LinearClassifier(double[] weights, double[] biases) : IClassifier
{
    public int Classes => biases.Length;

    /// <summary>How often it was asked.</summary>
    public int Calls { get; private set; }

    public Tensor LogProbabilities(Tensor x, NoiseLevels levels)
    {
        Calls++;
        using var rows = x.flatten(1);
        using var w = tensor(weights, Classes, weights.Length / Classes, dtype: x.dtype);
        using var b = tensor(biases, dtype: x.dtype);
        using var turned = w.t();
        using var logits = rows.mm(turned).add_(b);
        return logits.log_softmax(1);
    }
}
