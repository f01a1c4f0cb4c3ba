using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion;

/// <content>Operations with parameters.</content>
internal sealed partial class TorchOps
{
    private static readonly long[][] Pairs = [[0, 0], [1, 1], [2, 2], [3, 3]];

    /// <inheritdoc/>
    public TorchValue Conv2d(TorchValue x, string name, int channels, int kernel, int stride = 1, Initializer? initializer = null)
    {
        var weight = NextParameter();
        return Fresh(F.conv2d(x.Tensor, weight, NextParameter(), Pair(stride), Pair(kernel / 2)), x);
    }

    /// <inheritdoc/>
    public TorchValue Linear(TorchValue x, string name, int features, Initializer? initializer = null)
    {
        var weight = NextParameter();
        return Fresh(F.linear(x.Tensor, weight, NextParameter()), x);
    }

    /// <inheritdoc/>
    public TorchValue Embedding(TorchValue indices, string name, int count, int width) =>
        Fresh(NextParameter().index_select(0, indices.Tensor), indices);

    /// <inheritdoc/>
    public TorchValue GroupNorm(TorchValue x, string name, int groups, double epsilon = 1e-5)
    {
        var weight = NextParameter();
        return Fresh(F.group_norm(x.Tensor, groups, weight, NextParameter(), epsilon), x);
    }

    /// <inheritdoc/>
    public TorchValue LayerNorm(TorchValue x, string name, double epsilon = 1e-5)
    {
        var weight = NextParameter();
        return Fresh(F.layer_norm(x.Tensor, [weight.size(0)], weight, NextParameter(), epsilon), x);
    }

    private static long[] Pair(int size) => size < Pairs.Length ? Pairs[size] : [size, size];
}
