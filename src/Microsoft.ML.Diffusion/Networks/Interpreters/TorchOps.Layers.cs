using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion;

/// <content>Operations with parameters.</content>
internal sealed partial class TorchOps
{
    private static readonly long[][] Pairs = [[0, 0], [1, 1], [2, 2], [3, 3]];

    /// <inheritdoc/>
    public TorchValue Conv2d(TorchValue x, string name, int channels, int kernel, int stride = 1, Initializer? initializer = null, int? padding = null, bool bias = true)
    {
        Tensor weight = NextParameter(), pictures = Pictures(x.Tensor);
        var result = F.conv2d(pictures, weight, bias ? NextParameter() : null, Pair(stride), Pair(padding ?? kernel / 2));
        if (!ReferenceEquals(pictures, x.Tensor))
            pictures.Dispose();
        return Fresh(result, x);
    }

    // Packs channels side by side for the first convolution; what follows keeps the layout.
    private Tensor Pictures(Tensor x)
    {
        if (!_channelsLast || x.stride(1) == 1)
            return x;
        using var pixels = x.permute(0, 2, 3, 1);
        using var packed = pixels.contiguous();
        return packed.permute(0, 3, 1, 2);
    }

    /// <inheritdoc/>
    public TorchValue Conv1d(TorchValue x, string name, int channels, int kernel, int stride = 1, Initializer? initializer = null, int? padding = null, bool bias = true)
    {
        var weight = NextParameter();
        return Fresh(F.conv1d(x.Tensor, weight, bias ? NextParameter() : null, stride, padding ?? kernel / 2), x);
    }

    /// <inheritdoc/>
    public TorchValue ConvTranspose2d(TorchValue x, string name, int channels, int kernel, int stride, int padding, Initializer? initializer = null)
    {
        var weight = NextParameter();
        return Fresh(F.conv_transpose2d(x.Tensor, weight, NextParameter(), Pair(stride), Pair(padding)), x);
    }

    /// <inheritdoc/>
    public TorchValue Linear(TorchValue x, string name, int features, Initializer? initializer = null, bool bias = true)
    {
        var weight = NextParameter();
        return Fresh(Product(x.Tensor, weight, bias ? NextParameter() : null), x);
    }

    // libtorch multiplies matrices in tiles of four rows on the CPU, and the rows that are left over in another order of sums: in sampling, whole tiles alone give a row the same bits in a batch of one
    // and of many. The rows that fill up a tile cost nothing that can be measured.
    private Tensor Product(Tensor x, Tensor weight, Tensor? bias)
    {
        const int Tile = 4;
        long features = weight.size(1), rows = x.numel() / features;
        if (!_wholeTiles || rows % Tile == 0)
            return F.linear(x, weight, bias);
        using var flat = x.reshape(rows, features);
        using var filler = zeros(Tile - rows % Tile, features, x.dtype, x.device);
        using var tiles = cat([flat, filler]);
        using var products = F.linear(tiles, weight, bias);
        using var wanted = products.narrow(0, 0, rows);
        long[] shape = [.. x.shape];
        shape[^1] = products.size(1);
        return wanted.view(shape);
    }

    /// <inheritdoc/>
    public TorchValue Embedding(TorchValue indices, string name, int count, int width) => Fresh(RowsOf(NextParameter(), indices.Tensor), indices);

    /// <inheritdoc/>
    public TorchValue Parameter(string name, Initializer initializer, params ReadOnlySpan<int> shape) => Own(NextParameter().alias(), new TorchMemory { IsForeign = true });

    /// <inheritdoc/>
    public TorchValue Frozen(string name, Initializer initializer, params ReadOnlySpan<int> shape) => Own(NextParameter().alias(), new TorchMemory { IsForeign = true });

    /// <inheritdoc/>
    public TorchValue Table(string name, Func<float[]> values, params ReadOnlySpan<int> shape) =>
        Own(_tables.Values(name, shape, values).alias(), new TorchMemory { IsForeign = true });

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

    /// <inheritdoc/>
    public TorchValue LayerNorm(TorchValue x, double epsilon = 1e-5) => Fresh(F.layer_norm(x.Tensor, [x.Tensor.size(-1)], null, null, epsilon), x);

    /// <inheritdoc/>
    public TorchValue RmsNorm(TorchValue x, string name, double epsilon = 1e-6)
    {
        using var squares = x.Tensor.Squared();
        using var means = squares.mean([-1], keepdim: true);
        using var raised = means.Plus(epsilon);
        using var factor = raised.rsqrt();
        using var normal = x.Tensor.mul(factor);
        return Fresh(normal.mul(NextParameter()), x);
    }

    private static long[] Pair(int size) => size < Pairs.Length ? Pairs[size] : [size, size];
}
