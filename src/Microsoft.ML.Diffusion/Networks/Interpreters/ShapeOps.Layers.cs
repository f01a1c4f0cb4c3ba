namespace Microsoft.ML.Diffusion;

/// <content>Operations with parameters.</content>
internal sealed partial class ShapeOps
{
    /// <inheritdoc/>
    public ShapeValue Conv2d(ShapeValue x, string name, int channels, int kernel, int stride = 1, Initializer? initializer = null, int? padding = null, bool bias = true) =>
        Convolution(x, name, channels, kernel, stride, initializer, padding, bias, axes: 2, "[B, C, H, W]");

    /// <inheritdoc/>
    public ShapeValue Conv1d(ShapeValue x, string name, int channels, int kernel, int stride = 1, Initializer? initializer = null, int? padding = null, bool bias = true) =>
        Convolution(x, name, channels, kernel, stride, initializer, padding, bias, axes: 1, "[B, C, L]");

    private ShapeValue Convolution(ShapeValue x, string name, int channels, int kernel, int stride, Initializer? initializer, int? padding, bool bias, int axes, string shape)
    {
        RequireWorking(x, name, axes + 2, shape);
        if (kernel < 1 || stride < 1 || channels < 1 || padding < 0 || (padding is null && kernel % 2 == 0))
            throw new ArgumentException($"'{name}': expected a positive kernel (an odd one unless a padding is given), stride and channels, got {kernel}, {stride}, {channels}.");
        int[] sizes = [x.Sizes[0], channels, .. x.Sizes[2..].Select(Strided)];
        Require(sizes.All(size => size > 0), name, $"sizes of at least {kernel} with a padding of {Padding()}", x);
        int inputs = x.Sizes[1];
        var start = initializer ?? Initializer.FanIn(checked(inputs * (int)Math.Pow(kernel, axes)));
        Declare(name + ".weight", start, [channels, inputs, .. Enumerable.Repeat((long)kernel, axes)]);
        if (bias)
            Declare(name + ".bias", start.OfBias, channels);
        Products += Count(sizes) * inputs * (long)Math.Pow(kernel, axes);
        return Produce(ValueKind.Working, sizes, x);

        int Padding() => padding ?? kernel / 2;
        int Strided(int size) => checked(size + 2 * Padding()) < kernel ? 0 : (size + 2 * Padding() - kernel) / stride + 1;
    }

    /// <inheritdoc/>
    public ShapeValue ConvTranspose2d(ShapeValue x, string name, int channels, int kernel, int stride, int padding, Initializer? initializer = null)
    {
        RequireWorking(x, name, 4, "[B, C, H, W]");
        if (kernel < 1 || stride < 1 || channels < 1 || padding < 0)
            throw new ArgumentException($"'{name}': expected a positive kernel, stride and channels, and a padding that is not negative, got {kernel}, {stride}, {channels}, {padding}.");
        int inputs = x.Sizes[1];
        int[] sizes = [x.Sizes[0], channels, .. x.Sizes[2..].Select(size => checked((size - 1) * stride - 2 * padding + kernel))];
        Require(sizes.All(size => size > 0), name, $"sizes of which a padding of {padding} leaves something", x);
        var start = initializer ?? Initializer.FanIn(checked(inputs * kernel * kernel));
        Declare(name + ".weight", start, inputs, channels, kernel, kernel);
        Declare(name + ".bias", start.OfBias, channels);
        Products += Count(x.Sizes) * channels * kernel * kernel;
        return Produce(ValueKind.Working, sizes, x);
    }

    /// <inheritdoc/>
    public ShapeValue Linear(ShapeValue x, string name, int features, Initializer? initializer = null, bool bias = true)
    {
        RequireWorking(x, name, shape: "[..., C]");
        int inputs = x.Sizes[^1];
        var start = initializer ?? Initializer.FanIn(inputs);
        Declare(name + ".weight", start, features, inputs);
        if (bias)
            Declare(name + ".bias", start.OfBias, features);
        Products += Count(x.Sizes) * features;
        return Produce(ValueKind.Working, With(x.Sizes, x.Sizes.Length - 1, features), x);
    }

    /// <inheritdoc/>
    public ShapeValue Embedding(ShapeValue indices, string name, int count, int width)
    {
        Require(indices.Kind == ValueKind.Index, name, "indices [B, ...]", indices);
        Declare(name + ".weight", Initializer.Normal(1), count, width);
        return Produce(ValueKind.Working, [.. indices.Sizes, width], indices);
    }

    /// <inheritdoc/>
    public ShapeValue Parameter(string name, Initializer initializer, params ReadOnlySpan<int> shape)
    {
        Declare(name, initializer, isFrozen: false, Long(shape));
        return Produce(ValueKind.Working, shape.ToArray());
    }

    /// <inheritdoc/>
    public ShapeValue Frozen(string name, Initializer initializer, params ReadOnlySpan<int> shape)
    {
        Declare(name, initializer, isFrozen: true, Long(shape));
        return Produce(ValueKind.Full, shape.ToArray());
    }

    private static long[] Long(ReadOnlySpan<int> shape) => [.. shape.ToArray().Select(size => (long)size)];

    /// <inheritdoc/>
    public ShapeValue GroupNorm(ShapeValue x, string name, int groups, double epsilon = 1e-5)
    {
        RequireWorking(x, name, shape: "[B, C, ...]");
        int channels = x.Sizes[1];
        Require(groups > 0 && channels % groups == 0, name, $"channels divisible into {groups} groups", x);
        Declare(name + ".weight", Initializer.Ones, channels);
        Declare(name + ".bias", Initializer.Zeros, channels);
        return Produce(ValueKind.Working, x.Sizes, x);
    }

    /// <inheritdoc/>
    public ShapeValue GroupNormSilu(ShapeValue x, string name, int groups, double epsilon = 1e-5) => GroupNorm(x, name, groups, epsilon);

    /// <inheritdoc/>
    public ShapeValue GroupNormSilu(ShapeValue x, string name, int groups, ShapeValue modulation, double epsilon = 1e-5)
    {
        RequireModulation(x, modulation, name);
        Use(modulation);
        return GroupNorm(x, name, groups, epsilon);
    }

    /// <inheritdoc/>
    public ShapeValue LayerNorm(ShapeValue x, string name, double epsilon = 1e-5)
    {
        RequireWorking(x, name, shape: "[..., C]");
        Declare(name + ".weight", Initializer.Ones, x.Sizes[^1]);
        Declare(name + ".bias", Initializer.Zeros, x.Sizes[^1]);
        return Produce(ValueKind.Working, x.Sizes, x);
    }

    /// <inheritdoc/>
    public ShapeValue RmsNorm(ShapeValue x, string name, double epsilon = 1e-6)
    {
        RequireWorking(x, name, shape: "[..., C]");
        Declare(name + ".weight", Initializer.Ones, x.Sizes[^1]);
        return Produce(ValueKind.Working, x.Sizes, x);
    }
}
