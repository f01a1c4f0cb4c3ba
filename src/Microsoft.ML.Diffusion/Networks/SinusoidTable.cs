using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The frequencies of <see cref="IOps{T}.Sinusoids"/>, made once.</summary>
internal sealed class SinusoidTable(Device device) : IDisposable
{
    // From the highest frequency to a ten-thousandth of it, as in Vaswani et al. 2017 (arXiv:1706.03762, section 3.5).
    private const double Span = 10000;

    private readonly ConcurrentDictionary<(int Width, double MaxFrequency), Lazy<Tensor>> _frequencies = new();

    /// <summary>[width/2], Float32; not the caller's to dispose.</summary>
    public Tensor Frequencies(int width, double maxFrequency) => _frequencies.GetOrAdd((width, maxFrequency), key => new Lazy<Tensor>(() =>
    {
        int count = key.Width / 2;
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)(key.MaxFrequency * Math.Pow(Span, -i / (count - 1.0)));
        using var host = tensor(values);
        return host.to(device, copy: true).DetachFromDisposeScope();
    })).Value;

    public void Dispose()
    {
        foreach (var frequencies in _frequencies.Values)
            frequencies.Value.Dispose();
        _frequencies.Clear();
    }
}
