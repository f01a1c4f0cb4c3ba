namespace Microsoft.ML.Diffusion;

/// <content>Operations with parameters.</content>
internal sealed partial class ShapeOps
{
    /// <inheritdoc/>
    public ShapeValue Conv2d(ShapeValue x, string name, int channels, int kernel, int stride = 1, Initializer? initializer = null)
    {
        RequireWorking(x, name, 4, "[B, C, H, W]");
        if (kernel % 2 == 0 || kernel < 1 || stride < 1 || channels < 1)
            throw new ArgumentException($"'{name}': expected an odd kernel, a positive stride and positive channels, got {kernel}, {stride}, {channels}.");
        int inputs = x.Sizes[1];
        var start = initializer ?? Initializer.FanIn(inputs * kernel * kernel);
        Parameter(name + ".weight", start, channels, inputs, kernel, kernel);
        Parameter(name + ".bias", start, channels);
        return Produce(ValueKind.Working, [x.Sizes[0], channels, Strided(x.Sizes[2]), Strided(x.Sizes[3])], x);

        int Strided(int size) => (size + stride - 1) / stride;
    }

    /// <inheritdoc/>
    public ShapeValue Linear(ShapeValue x, string name, int features, Initializer? initializer = null)
    {
        RequireWorking(x, name, shape: "[..., C]");
        int inputs = x.Sizes[^1];
        var start = initializer ?? Initializer.FanIn(inputs);
        Parameter(name + ".weight", start, features, inputs);
        Parameter(name + ".bias", start, features);
        return Produce(ValueKind.Working, With(x.Sizes, x.Sizes.Length - 1, features), x);
    }

    /// <inheritdoc/>
    public ShapeValue Embedding(ShapeValue indices, string name, int count, int width)
    {
        Require(indices.Kind == ValueKind.Index && indices.Sizes.Length == 1, name, "indices [B]", indices);
        Parameter(name + ".weight", Initializer.Normal(1), count, width);
        return Produce(ValueKind.Working, [indices.Sizes[0], width], indices);
    }

    /// <inheritdoc/>
    public ShapeValue GroupNorm(ShapeValue x, string name, int groups, double epsilon = 1e-5)
    {
        RequireWorking(x, name, shape: "[B, C, ...]");
        int channels = x.Sizes[1];
        Require(groups > 0 && channels % groups == 0, name, $"channels divisible into {groups} groups", x);
        Parameter(name + ".weight", Initializer.Ones, channels);
        Parameter(name + ".bias", Initializer.Zeros, channels);
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
        Parameter(name + ".weight", Initializer.Ones, x.Sizes[^1]);
        Parameter(name + ".bias", Initializer.Zeros, x.Sizes[^1]);
        return Produce(ValueKind.Working, x.Sizes, x);
    }
}
