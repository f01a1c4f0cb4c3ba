using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Sinusoidal embeddings of timesteps.</summary>
internal sealed class TimestepEmbeddingAdapter : IGoldenAdapter
{
    // Both sides compute sines in Float32.
    private const double SinglePrecision = 1e-6;

    // The exponential function of Float32 errs by one unit in the last place, on each side in a direction of its own.
    private const double LastPlaces = 4 * Float32Tolerance.Unit;

    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").Contains("timestep_embedding", StringComparison.Ordinal) || !@case.Has("embedding"))
            return false;
        var embedding = new SinusoidalEmbedding(@case.Json.Whole("dim"), @case.Json.Number("max_period", 10000));
        using var times = tensor(@case["t"].Numbers());
        using var features = embedding.Of(times);
        var values = features.data<float>().ToArray();
        var rows = @case["embedding"].EnumerateArray().ToArray();
        var timesteps = @case["t"].Numbers();
        // The highest frequency is 1 exactly; the next is the largest that is rounded.
        double rounded = embedding.Frequencies.Skip(1).FirstOrDefault();
        for (int row = 0; row < rows.Length; row++)
            comparison.Equal($"embedding of {timesteps[row]}", [.. values.AsSpan(row * embedding.Width, embedding.Width).ToArray().Select(value => (double)value)],
                rows[row].Numbers(), Math.Max(SinglePrecision, Math.Abs(timesteps[row]) * rounded * LastPlaces));
        return true;
    }
}
