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
        if (!_channelsLast || x.Tensor.stride(1) == 1)
            return Fresh(F.conv2d(x.Tensor, weight, NextParameter(), Pair(stride), Pair(kernel / 2)), x);
        // The first convolution; what follows keeps the layout.
        using var pixels = x.Tensor.permute(0, 2, 3, 1);
        using var packed = pixels.contiguous();
        using var picture = packed.permute(0, 3, 1, 2);
        return Fresh(F.conv2d(picture, weight, NextParameter(), Pair(stride), Pair(kernel / 2)), x);
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
        Tensor weight = NextParameter(), bias = NextParameter();
        return Fused(x, groups, weight, bias, null, epsilon, activate: false) ?? Fresh(F.group_norm(x.Tensor, groups, weight, bias, epsilon), x);
    }

    /// <inheritdoc/>
    public TorchValue GroupNormSilu(TorchValue x, string name, int groups, double epsilon = 1e-5) => GroupNormSilu(x, groups, null, epsilon);

    /// <inheritdoc/>
    public TorchValue GroupNormSilu(TorchValue x, string name, int groups, TorchValue modulation, double epsilon = 1e-5) => GroupNormSilu(x, groups, modulation, epsilon);

    // One pass where the tensor allows; else null.
    private TorchValue? Fused(TorchValue x, int groups, Tensor weight, Tensor bias, TorchValue? modulation, double epsilon, bool activate)
    {
        if (!_channelsLast || !FusedGroupNorm.Handles(x.Tensor))
            return null;
        bool overwrite = CanOverwrite(x);
        var target = overwrite ? x.Tensor : empty_like(x.Tensor);
        FusedGroupNorm.Run(x.Tensor, target, groups, epsilon, weight, bias, modulation?.Tensor, activate);
        if (modulation is not null)
            Release(modulation);
        return overwrite ? Overwritten(x) : Fresh(target, x);
    }

    private TorchValue GroupNormSilu(TorchValue x, int groups, TorchValue? modulation, double epsilon)
    {
        Tensor weight = NextParameter(), bias = NextParameter();
        if (Fused(x, groups, weight, bias, modulation, epsilon, activate: true) is { } fused)
            return fused;
        var normal = modulation is null
            ? F.group_norm(x.Tensor, groups, weight, bias, epsilon)
            : ModulatedGroupNorm(x.Tensor, groups, weight, bias, modulation.Tensor, epsilon);
        if (modulation is not null)
            Release(modulation);
        if (_overwrite)
            return Fresh(normal.silu_(), x);
        var result = normal.silu();
        normal.Dispose();
        return Fresh(result, x);
    }

    // One normalisation of all rows as if they were one row with B·C channels, each with a weight and a bias of its own: the modulation costs nothing
    // more than the small products that make them, forwards and backwards.
    private static Tensor ModulatedGroupNorm(Tensor x, int groups, Tensor weight, Tensor bias, Tensor modulation, double epsilon)
    {
        long rows = x.size(0), channels = x.size(1);
        using var scale = modulation.narrow(1, 0, channels);
        using var factor = scale.PlusOne();
        using var weights = factor.mul(weight);
        using var shift = modulation.narrow(1, channels, channels);
        using var biases = shift.PlusProduct(factor, bias);
        using var flatWeights = weights.view(-1);
        using var flatBiases = biases.view(-1);
        var sizes = new long[x.dim()];
        for (int i = 2; i < sizes.Length; i++)
            sizes[i] = x.size(i);
        (sizes[0], sizes[1]) = (1, rows * channels);
        using var joined = x.reshape(sizes);
        using var normal = F.group_norm(joined, rows * groups, flatWeights, flatBiases, epsilon);
        (sizes[0], sizes[1]) = (rows, channels);
        return normal.view(sizes);
    }

    /// <inheritdoc/>
    public TorchValue LayerNorm(TorchValue x, string name, double epsilon = 1e-5)
    {
        var weight = NextParameter();
        return Fresh(F.layer_norm(x.Tensor, [weight.size(0)], weight, NextParameter(), epsilon), x);
    }

    private static long[] Pair(int size) => size < Pairs.Length ? Pairs[size] : [size, size];
}
