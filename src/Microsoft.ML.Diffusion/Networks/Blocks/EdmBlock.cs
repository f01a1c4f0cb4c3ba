namespace Microsoft.ML.Diffusion;

/// <summary>
/// The residual block of EDM's U-Nets with optional change of size and self-attention (Karras et al. 2022, arXiv:2206.00364, Table 7): the union of what DDPM++, NCSN++ and ADM need.
/// </summary>
/// <param name="Dropout">The probability of zeroing a value in training.</param>
/// <param name="SkipScale">The factor of each sum of a value and its residual.</param>
/// <param name="Epsilon">Added to variances.</param>
/// <param name="Taps">The filter of changes of size.</param>
/// <param name="ProjectsSkip">Whether the skip of a change of size has a layer even where the width stays.</param>
/// <param name="Modulates">Whether the embedding scales and shifts; else it shifts alone, before the normalisation.</param>
/// <param name="Heads">The number of heads for a width.</param>
/// <param name="Start">How a layer starts, given the numbers of its inputs and outputs, places of a kernel included.</param>
/// <param name="StartLast">How the last layer of a residual starts.</param>
/// <param name="StartAttention">How the queries, keys and values start.</param>
internal sealed record EdmBlock(
    double Dropout,
    double SkipScale,
    double Epsilon,
    IReadOnlyList<double> Taps,
    bool ProjectsSkip,
    bool Modulates,
    Func<int, int> Heads,
    Func<int, int, Initializer?> Start,
    Func<int, int, Initializer?> StartLast,
    Func<int, int, Initializer?> StartAttention)
{
    private const int KernelSize = 3;

    /// <summary>How a block changes the size.</summary>
    public enum Change
    {
        /// <summary>Not at all.</summary>
        None,

        /// <summary>To half.</summary>
        Halve,

        /// <summary>To twice.</summary>
        Double,
    }

    /// <summary>EDM's number of groups for a width: at least four channels each, at most 32.</summary>
    public static int Groups(int channels) => Math.Min(32, channels / 4);

    /// <summary>The block.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="embedding">What it is told about level and labels, [B, E].</param>
    /// <param name="name">The name of the block.</param>
    /// <param name="channels">The width of the result.</param>
    /// <param name="change">How the size changes.</param>
    /// <param name="attends">Whether attention follows.</param>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public T Apply<T>(IOps<T> ops, T x, T embedding, string name, int channels, Change change = Change.None, bool attends = false)
    {
        int inputs = ops.Size(x, 1);
        var h = Resize(ops, ops.GroupNormSilu(x, name + ".norm0", Groups(inputs), Epsilon), change);
        h = ops.Conv2d(h, name + ".conv0", channels, KernelSize, initializer: Of(Start, inputs, channels, KernelSize));
        int told = Modulates ? 2 * channels : channels;
        var affine = ops.Linear(embedding, name + ".affine", told, Of(Start, ops.Size(embedding, 1), told, 1));
        h = Modulates
            ? ops.GroupNormSilu(h, name + ".norm1", Groups(channels), affine, Epsilon)
            : ops.GroupNormSilu(ops.Add(h, ops.Unsqueeze(ops.Unsqueeze(affine, 2), 3)), name + ".norm1", Groups(channels), Epsilon);
        if (Dropout > 0)
            h = ops.Dropout(h, Dropout);
        h = ops.Conv2d(h, name + ".conv1", channels, KernelSize, initializer: Of(StartLast, channels, channels, KernelSize));
        var skip = Resize(ops, x, change);
        if (inputs != channels || (change != Change.None && ProjectsSkip))
            skip = ops.Conv2d(skip, name + ".skip", channels, 1, initializer: Of(Start, inputs, channels, 1));
        h = Scaled(ops, ops.Add(h, skip));
        int heads = attends ? Heads(channels) : 0;
        return heads > 0 ? Scaled(ops, ops.Add(Attention(ops, h, name, heads), h)) : h;
    }

    private T Attention<T>(IOps<T> ops, T x, string name, int heads)
    {
        int channels = ops.Size(x, 1), height = ops.Size(x, 2), width = ops.Size(x, 3);
        var normal = ops.GroupNorm(x, name + ".norm2", Groups(channels), Epsilon);
        var all = ops.Conv2d(normal, name + ".qkv", 3 * channels, 1, initializer: Of(StartAttention, channels, 3 * channels, 1));
        // Queries, keys and values take turns channel by channel.
        all = ops.Permute(ops.Reshape(all, heads, channels / heads, 3, height * width), 0, 3, 1, 4, 2);
        var attended = ops.Attention(Part(0), Part(1), Part(2));
        attended = ops.Reshape(ops.Transpose(attended, 2, 3), channels, height, width);
        return ops.Conv2d(attended, name + ".proj", channels, 1, initializer: Of(StartLast, channels, channels, 1));

        T Part(int i) => ops.Reshape(ops.Slice(all, 1, i, 1), heads, height * width, channels / heads);
    }

    private T Resize<T>(IOps<T> ops, T x, Change change) => change switch
    {
        Change.Halve => FilteredResize.Halve(ops, x, Taps),
        Change.Double => FilteredResize.Double(ops, x, Taps),
        _ => x,
    };

    private T Scaled<T>(IOps<T> ops, T x) => SkipScale == 1 ? x : ops.Scale(x, SkipScale);

    private static Initializer? Of(Func<int, int, Initializer?> start, int inputs, int outputs, int kernel) => start(inputs * kernel * kernel, outputs * kernel * kernel);
}
