using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion;

/// <content>Operations without parameters.</content>
internal sealed partial class TorchOps
{
    /// <inheritdoc/>
    public TorchValue Modulate(TorchValue x, TorchValue modulation)
    {
        var m = modulation.Tensor;
        long channels = m.size(1) / 2;
        var shape = new long[x.Tensor.dim()];
        Array.Fill(shape, 1);
        (shape[0], shape[1]) = (m.size(0), 2 * channels);
        using var numbers = m.view(shape);
        using var scale = numbers.narrow(1, 0, channels);
        using var factor = scale.PlusOne();
        using var shift = numbers.narrow(1, channels, channels);
        bool overwrite = CanOverwrite(x);
        // The sum may go into the product even while gradients are recorded: multiplication does not need its result again.
        var result = (overwrite ? x.Tensor.mul_(factor) : x.Tensor.mul(factor)).PlusInPlace(shift);
        Release(modulation);
        return overwrite ? Overwritten(x) : Fresh(result, x);
    }

    /// <inheritdoc/>
    public TorchValue Concat(TorchValue a, TorchValue b, int dimension = 1) => Fresh(cat([a.Tensor, b.Tensor], dimension), a, b);

    /// <inheritdoc/>
    public TorchValue Reshape(TorchValue x, params ReadOnlySpan<int> shape)
    {
        var sizes = new long[shape.Length + 1];
        sizes[0] = x.Tensor.size(0);
        for (int i = 0; i < shape.Length; i++)
            sizes[i + 1] = shape[i];
        return View(x.Tensor.reshape(sizes), x);
    }

    /// <inheritdoc/>
    public TorchValue Transpose(TorchValue x, int first, int second) => View(x.Tensor.transpose(first, second), x);

    /// <inheritdoc/>
    public TorchValue ResizeNearest(TorchValue x, int height, int width)
    {
        bool doubles = height == 2 * x.Tensor.size(2) && width == 2 * x.Tensor.size(3);
        return Fresh(doubles && !_channelsLast ? Doubled(x.Tensor) : F.upsample_nearest2d(x.Tensor, [height, width]), x);
    }

    // Every pixel beside itself, then every line below itself: half the time of the general resizing, most of all backwards.
    private static Tensor Doubled(Tensor x)
    {
        long rows = x.size(0), channels = x.size(1), height = x.size(2), width = x.size(3);
        using var pairs = stack([x, x], 4);
        using var lines = pairs.view(rows, channels, height, 2 * width);
        using var doubled = stack([lines, lines], 3);
        return doubled.view(rows, channels, 2 * height, 2 * width);
    }

    /// <inheritdoc/>
    public TorchValue SpaceToDepth(TorchValue x, int factor) => Fresh(F.pixel_unshuffle(x.Tensor, factor), x);

    /// <inheritdoc/>
    public TorchValue DepthToSpace(TorchValue x, int factor) => Fresh(F.pixel_shuffle(x.Tensor, factor), x);

    /// <inheritdoc/>
    public TorchValue Attention(TorchValue query, TorchValue key, TorchValue value)
    {
        var result = F.scaled_dot_product_attention(query.Tensor, key.Tensor, value.Tensor);
        Release(key);
        return Fresh(result, query, value);
    }

    /// <inheritdoc/>
    public TorchValue Attention(TorchValue query, TorchValue key, TorchValue value, TorchValue mask)
    {
        using var counts = mask.Tensor.to(ScalarType.Bool);
        using var everywhere = counts.view(counts.size(0), 1, 1, counts.size(1));
        var result = F.scaled_dot_product_attention(query.Tensor, key.Tensor, value.Tensor, everywhere);
        Release(mask);
        Release(key);
        return Fresh(result, query, value);
    }

    /// <inheritdoc/>
    public TorchValue Sinusoids(TorchValue x, SinusoidalEmbedding embedding) => Fresh(embedding.Of(x.Tensor, _tables.Frequencies(embedding)), x);

    /// <inheritdoc/>
    public TorchValue Sinusoids(TorchValue x, int width, double maxFrequency)
    {
        using var column = x.Tensor.unsqueeze(1);
        using var angles = column.mul(_tables.Frequencies(width, maxFrequency));
        using var sines = angles.sin();
        using var cosines = angles.cos();
        return Fresh(cat([sines, cosines], 1), x);
    }

    /// <inheritdoc/>
    public TorchValue Dropout(TorchValue x, double rate)
    {
        if (_dropout is null || rate == 0)
            return View(x.Tensor.alias(), x);
        // Draws below zero: those from zero on belong to the owner of the noise.
        using var mask = _dropout.DropoutMask(--_dropoutDraw, rate, x.Tensor);
        return Fresh(x.Tensor.mul(mask), x);
    }

    /// <inheritdoc/>
    public TorchValue ToWorking(TorchValue x) => Cast(x, _parameters.Precision.ToScalarType());

    /// <inheritdoc/>
    public TorchValue ToFloat32(TorchValue x) => Cast(x, ScalarType.Float32);

    private TorchValue Cast(TorchValue x, ScalarType type) => _castsToWorking ? Fresh(x.Tensor.to(type), x) : View(x.Tensor.alias(), x);
}
