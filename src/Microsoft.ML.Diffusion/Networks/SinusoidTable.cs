using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The frequencies of <see cref="IOps{T}.Sinusoids"/>, made once.</summary>
internal sealed class SinusoidTable(Device device) : IDisposable
{
    private readonly ConcurrentDictionary<(int Width, double MaxFrequency), Lazy<Tensor>> _frequencies = new();

    /// <summary>[width/2], Float32; not the caller's to dispose.</summary>
    public Tensor Frequencies(int width, double maxFrequency) => _frequencies.GetOrAdd((width, maxFrequency), key => new Lazy<Tensor>(() =>
    {
        var embedding = new SinusoidalEmbedding(key.Width, shift: 1);
        float[] values = [.. embedding.Frequencies.Select(frequency => (float)(key.MaxFrequency * frequency))];
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
