using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The numbers that a network computes with but does not learn, each made once.</summary>
internal sealed class NetworkTables(Device device) : IDisposable
{
    private readonly ConcurrentDictionary<(int Width, double MaxFrequency), Lazy<Tensor>> _frequencies = new();
    private readonly ConcurrentDictionary<(int Width, double Span, double Shift), Lazy<Tensor>> _embeddings = new();
    private readonly ConcurrentDictionary<string, Lazy<Tensor>> _values = new();

    /// <summary>The frequencies of <see cref="IOps{T}.Sinusoids(T, int, double)"/>: [width/2], Float32; not the caller's to dispose.</summary>
    public Tensor Frequencies(int width, double maxFrequency) => _frequencies.GetOrAdd((width, maxFrequency), key => new Lazy<Tensor>(() =>
    {
        var embedding = new SinusoidalEmbedding(key.Width, shift: 1);
        float[] values = [.. embedding.Frequencies.Select(frequency => (float)(key.MaxFrequency * frequency))];
        return Put(values, [values.Length]);
    })).Value;

    /// <summary>The frequencies of an embedding: [width/2], Float32; not the caller's to dispose.</summary>
    public Tensor Frequencies(SinusoidalEmbedding embedding) =>
        _embeddings.GetOrAdd((embedding.Width, embedding.Span, embedding.Shift), _ => new Lazy<Tensor>(() => Put([.. embedding.Frequencies], [embedding.Frequencies.Count]))).Value;

    /// <summary>The values of a name, made when first asked for: Float32; not the caller's to dispose.</summary>
    public Tensor Values(string name, ReadOnlySpan<int> shape, Func<float[]> values)
    {
        if (_values.TryGetValue(name, out var known))
            return known.Value;
        long[] sizes = new long[shape.Length];
        for (int i = 0; i < sizes.Length; i++)
            sizes[i] = shape[i];
        return _values.GetOrAdd(name, _ => new Lazy<Tensor>(() => Put(values(), sizes))).Value;
    }

    public void Dispose()
    {
        foreach (var table in (Lazy<Tensor>[])[.. _frequencies.Values, .. _embeddings.Values, .. _values.Values])
            table.Value.Dispose();
        _frequencies.Clear();
        _embeddings.Clear();
        _values.Clear();
    }

    private Tensor Put(float[] values, long[] sizes)
    {
        using var host = tensor(values, sizes);
        return host.to(device, copy: true).DetachFromDisposeScope();
    }
}
