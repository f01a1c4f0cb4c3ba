namespace Microsoft.ML.Diffusion;

/// <content>Operations without parameters.</content>
internal sealed partial class ShapeOps
{
    /// <inheritdoc/>
    public ShapeValue Silu(ShapeValue x) => Alike(x, nameof(Silu));

    /// <inheritdoc/>
    public ShapeValue Add(ShapeValue a, ShapeValue b) => Repeated(a, b, nameof(Add));

    /// <inheritdoc/>
    public ShapeValue Modulate(ShapeValue x, ShapeValue modulation)
    {
        RequireModulation(x, modulation, nameof(Modulate));
        return Produce(ValueKind.Working, x.Sizes, x, modulation);
    }

    private static void RequireModulation(ShapeValue x, ShapeValue modulation, string name)
    {
        RequireWorking(x, name, shape: "[B, C, ...]");
        Require(modulation.Kind == ValueKind.Working && modulation.Sizes.AsSpan().SequenceEqual([x.Sizes[0], 2 * x.Sizes[1]]), name, $"a modulation [{x.Sizes[0]}, {2 * x.Sizes[1]}]", modulation);
    }

    /// <inheritdoc/>
    public ShapeValue Concat(ShapeValue a, ShapeValue b, int dimension = 1)
    {
        RequireDimension(a, dimension, nameof(Concat));
        bool fits = a.Kind == b.Kind && a.Sizes.Length == b.Sizes.Length;
        Require(fits && With(a.Sizes, dimension, 1).AsSpan().SequenceEqual(With(b.Sizes, dimension, 1)), nameof(Concat), $"the sizes of {a} but for dimension {dimension}", b);
        return Produce(a.Kind, With(a.Sizes, dimension, a.Sizes[dimension] + b.Sizes[dimension]), a, b);
    }

    /// <inheritdoc/>
    public ShapeValue Reshape(ShapeValue x, params ReadOnlySpan<int> shape)
    {
        int[] sizes = [x.Sizes[0], .. shape];
        Require(Count(sizes) == Count(x.Sizes), nameof(Reshape), $"as many values as [{string.Join(", ", sizes)}] has", x);
        return Produce(x.Kind, sizes, x);

        static long Count(int[] sizes) => sizes.Aggregate(1L, (product, size) => checked(product * size));
    }

    /// <inheritdoc/>
    public ShapeValue Transpose(ShapeValue x, int first, int second)
    {
        Require(Math.Max(first, second) < x.Sizes.Length && Math.Min(first, second) >= 0, nameof(Transpose), $"dimensions {first} and {second}", x);
        int[] sizes = [.. x.Sizes];
        (sizes[first], sizes[second]) = (sizes[second], sizes[first]);
        return Produce(x.Kind, sizes, x);
    }

    /// <inheritdoc/>
    public ShapeValue ResizeNearest(ShapeValue x, int height, int width)
    {
        RequireWorking(x, nameof(ResizeNearest), 4, "[B, C, H, W]");
        Require(height > 0 && width > 0, nameof(ResizeNearest), $"positive sizes instead of {height} and {width}", x);
        return Produce(x.Kind, [x.Sizes[0], x.Sizes[1], height, width], x);
    }

    /// <inheritdoc/>
    public ShapeValue SpaceToDepth(ShapeValue x, int factor)
    {
        Require(x.Sizes.Length == 4 && factor > 0 && x.Sizes[2] % factor == 0 && x.Sizes[3] % factor == 0, nameof(SpaceToDepth), $"[B, C, H, W] with H and W divisible by {factor}", x);
        return Produce(x.Kind, [x.Sizes[0], checked(x.Sizes[1] * factor * factor), x.Sizes[2] / factor, x.Sizes[3] / factor], x);
    }

    /// <inheritdoc/>
    public ShapeValue DepthToSpace(ShapeValue x, int factor)
    {
        Require(x.Sizes.Length == 4 && factor > 0 && x.Sizes[1] % checked(factor * factor) == 0, nameof(DepthToSpace), $"[B, C, H, W] with C divisible by {factor * factor}", x);
        return Produce(x.Kind, [x.Sizes[0], x.Sizes[1] / (factor * factor), checked(x.Sizes[2] * factor), checked(x.Sizes[3] * factor)], x);
    }

    /// <inheritdoc/>
    public ShapeValue Attention(ShapeValue query, ShapeValue key, ShapeValue value)
    {
        RequireWorking(query, nameof(Attention), 4, "queries [B, heads, L, d]");
        RequireWorking(key, nameof(Attention), 4, "keys [B, heads, M, d]");
        RequireWorking(value, nameof(Attention), 4, "values [B, heads, M, e]");
        Require(With(key.Sizes, 2, 1).AsSpan().SequenceEqual(With(query.Sizes, 2, 1)), nameof(Attention), $"the sizes of the queries {query} but for dimension 2", key);
        Require(With(value.Sizes, 3, 1).AsSpan().SequenceEqual(With(key.Sizes, 3, 1)), nameof(Attention), $"the sizes of the keys {key} but for dimension 3", value);
        Products += Count(query.Sizes.AsSpan(0, 3)) * key.Sizes[2] * (query.Sizes[3] + value.Sizes[3]);
        return Produce(ValueKind.Working, With(query.Sizes, 3, value.Sizes[3]), query, key, value);
    }

    /// <inheritdoc/>
    public ShapeValue Sinusoids(ShapeValue x, int width, double maxFrequency)
    {
        Require(x.Kind == ValueKind.Full && x.Sizes.Length == 1, nameof(Sinusoids), "[B] in Float32", x);
        Require(width >= 4 && width % 2 == 0, nameof(Sinusoids), $"an even number of at least 4 features instead of {width}", x);
        return Produce(ValueKind.Full, [x.Sizes[0], width], x);
    }

    /// <inheritdoc/>
    public ShapeValue Dropout(ShapeValue x, double rate)
    {
        Require(rate is >= 0 and < 1, nameof(Dropout), FormattableString.Invariant($"a rate in [0, 1) instead of {rate}"), x);
        return Produce(x.Kind, x.Sizes, x);
    }

    /// <inheritdoc/>
    public ShapeValue ToWorking(ShapeValue x)
    {
        Require(x.Kind == ValueKind.Full, nameof(ToWorking), "Float32", x);
        return Produce(ValueKind.Working, x.Sizes, x);
    }

    /// <inheritdoc/>
    public ShapeValue ToFloat32(ShapeValue x)
    {
        Require(x.Kind == ValueKind.Working, nameof(ToFloat32), "working precision", x);
        return Produce(ValueKind.Full, x.Sizes, x);
    }
}
