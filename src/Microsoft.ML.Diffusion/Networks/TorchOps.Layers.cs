using static TorchSharp.torch;
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
    public TorchValue GroupNormSilu(TorchValue x, string name, int groups, double epsilon = 1e-5) => GroupNormSilu(x, groups, null, epsilon);

    /// <inheritdoc/>
    public TorchValue GroupNormSilu(TorchValue x, string name, int groups, TorchValue modulation, double epsilon = 1e-5) => GroupNormSilu(x, groups, modulation, epsilon);

    private TorchValue GroupNormSilu(TorchValue x, int groups, TorchValue? modulation, double epsilon)
    {
        Tensor weight = NextParameter(), bias = NextParameter();
        if (_overwrite && FusedGroupNorm.Handles(x.Tensor))
        {
            bool overwrite = CanOverwrite(x);
            var target = overwrite ? x.Tensor : empty_like(x.Tensor);
            FusedGroupNorm.Run(x.Tensor, target, groups, epsilon, weight, bias, modulation?.Tensor);
            if (modulation is not null)
                Release(modulation);
            return overwrite ? Overwritten(x) : Fresh(target, x);
        }
        var normal = F.group_norm(x.Tensor, groups, weight, bias, epsilon);
        if (modulation is not null)
        {
            var plain = normal;
            normal = Modulated(plain, modulation.Tensor, _overwrite);
            if (!_overwrite)
                plain.Dispose();
            Release(modulation);
        }
        if (_overwrite)
            return Fresh(normal.silu_(), x);
        var result = normal.silu();
        normal.Dispose();
        return Fresh(result, x);
    }

    /// <inheritdoc/>
    public TorchValue LayerNorm(TorchValue x, string name, double epsilon = 1e-5)
    {
        var weight = NextParameter();
        return Fresh(F.layer_norm(x.Tensor, [weight.size(0)], weight, NextParameter(), epsilon), x);
    }

    private static long[] Pair(int size) => size < Pairs.Length ? Pairs[size] : [size, size];
}
