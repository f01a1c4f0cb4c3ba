namespace Microsoft.ML.Diffusion;

/// <content>Other resolutions, tables and features.</content>
internal sealed partial class ShapeOps
{
    /// <inheritdoc/>
    public ShapeValue LayerNorm(ShapeValue x, double epsilon = 1e-5)
    {
        RequireWorking(x, nameof(LayerNorm), shape: "[..., C]");
        return Produce(ValueKind.Working, x.Sizes, x);
    }

    /// <inheritdoc/>
    public ShapeValue Table(string name, Func<float[]> values, params ReadOnlySpan<int> shape)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(values);
        if (shape.IsEmpty || shape.ContainsAnyInRange(int.MinValue, 0))
            throw new ArgumentException($"'{name}': expected positive sizes, got [{string.Join(", ", shape.ToArray())}].", nameof(shape));
        return Produce(ValueKind.Full, shape.ToArray());
    }

    /// <inheritdoc/>
    public ShapeValue FilterDown(ShapeValue x, IReadOnlyList<double> taps, int factor, int padding) =>
        Filtered(x, taps, factor, padding, nameof(FilterDown), size => checked(size + 2 * padding) < taps.Count ? 0 : (size + 2 * padding - taps.Count) / factor + 1);

    /// <inheritdoc/>
    public ShapeValue FilterUp(ShapeValue x, IReadOnlyList<double> taps, int factor, int padding) =>
        Filtered(x, taps, factor, padding, nameof(FilterUp), size => checked((size - 1) * factor - 2 * padding + taps.Count));

    private ShapeValue Filtered(ShapeValue x, IReadOnlyList<double> taps, int factor, int padding, string name, Func<int, int> resized)
    {
        RequireWorking(x, name, 4, "[B, C, H, W]");
        Require(taps is { Count: > 0 } && taps.Sum() is not 0 and not double.NaN && factor > 0 && padding >= 0, name, "taps whose sum is not 0, a positive factor and a padding", x);
        int height = resized(x.Sizes[2]), width = resized(x.Sizes[3]);
        Require(height > 0 && width > 0, name, $"a picture large enough for {taps.Count} taps with a padding of {padding}", x);
        return Produce(ValueKind.Working, [x.Sizes[0], x.Sizes[1], height, width], x);
    }

    /// <inheritdoc/>
    public ShapeValue AveragePool2d(ShapeValue x, int factor)
    {
        RequireWorking(x, nameof(AveragePool2d), 4, "[B, C, H, W]");
        Require(factor > 0 && x.Sizes[2] >= factor && x.Sizes[3] >= factor, nameof(AveragePool2d), $"at least {factor} × {factor} places", x);
        return Produce(ValueKind.Working, [x.Sizes[0], x.Sizes[1], x.Sizes[2] / factor, x.Sizes[3] / factor], x);
    }

    /// <inheritdoc/>
    public ShapeValue ResizeNearest(ShapeValue x, int length)
    {
        RequireWorking(x, nameof(ResizeNearest), 3, "[B, C, L]");
        Require(length > 0, nameof(ResizeNearest), $"a positive length instead of {length}", x);
        return Produce(ValueKind.Working, [x.Sizes[0], x.Sizes[1], length], x);
    }

    /// <inheritdoc/>
    public ShapeValue Attention(ShapeValue query, ShapeValue key, ShapeValue value, ShapeValue mask)
    {
        int[] expected = key.Sizes.Length == 4 ? [key.Sizes[0], key.Sizes[2]] : [];
        Require(mask.Kind == ValueKind.Full && mask.Sizes.AsSpan().SequenceEqual(expected), nameof(Attention), "a mask [B, M] in Float32, as many as keys", mask);
        Use(mask);
        return Attention(query, key, value);
    }

    /// <inheritdoc/>
    public ShapeValue Sinusoids(ShapeValue x, SinusoidalEmbedding embedding)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        Require(x.Kind == ValueKind.Full && x.Sizes.Length == 1, nameof(Sinusoids), "[B] in Float32", x);
        return Produce(ValueKind.Full, [x.Sizes[0], embedding.Width], x);
    }
}
