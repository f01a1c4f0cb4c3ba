using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion;

/// <content>Other resolutions.</content>
internal sealed partial class TorchOps
{
    /// <inheritdoc/>
    public TorchValue FilterDown(TorchValue x, IReadOnlyList<double> taps, int factor, int padding)
    {
        long channels = x.Tensor.size(1);
        using var weight = Kernel(taps, 1, channels, x.Tensor.dtype);
        return Fresh(F.conv2d(x.Tensor, weight, null, Pair(factor), Pair(padding), Pair(1), channels), x);
    }

    /// <inheritdoc/>
    public TorchValue FilterUp(TorchValue x, IReadOnlyList<double> taps, int factor, int padding)
    {
        long channels = x.Tensor.size(1);
        using var weight = Kernel(taps, factor, channels, x.Tensor.dtype);
        return Fresh(F.conv_transpose2d(x.Tensor, weight, null, Pair(factor), Pair(padding), Pair(0), Pair(1), channels), x);
    }

    // The outer product of the taps with themselves, the same for every channel: [C, 1, k, k].
    private Tensor Kernel(IReadOnlyList<double> taps, int sum, long channels, ScalarType type)
    {
        int size = taps.Count;
        double scale = sum / taps.Sum();
        var one = _tables.Values(FormattableString.Invariant($"taps/{sum}/{string.Join("/", taps)}"), [1, 1, size, size],
            () => [.. from vertical in taps from horizontal in taps select (float)(vertical * scale * horizontal * scale)]);
        using var cast = one.to(type);
        return cast.expand(channels, 1, size, size);
    }

    /// <inheritdoc/>
    public TorchValue AveragePool2d(TorchValue x, int factor) => Fresh(F.avg_pool2d(x.Tensor, factor), x);

    /// <inheritdoc/>
    public TorchValue ResizeNearest(TorchValue x, int length) => Fresh(F.upsample_nearest1d(x.Tensor, length, null), x);
}
