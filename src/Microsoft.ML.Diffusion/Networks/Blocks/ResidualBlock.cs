namespace Microsoft.ML.Diffusion;

/// <summary>
/// The residual block of U-Nets and autoencoders for pictures: normalisation, SiLU, convolution, twice, modulated between by level and conditions, plus the input (Ho et al. 2020,
/// arXiv:2006.11239; scale and shift as in Dhariwal and Nichol 2021, arXiv:2105.05233). Arithmetic of diffusers' <c>ResnetBlock2D</c>, and its names unless others are given.
/// </summary>
internal readonly record struct ResidualBlock()
{
    private const int KernelSize = 3;

    /// <summary>The number of groups of both normalisations.</summary>
    public required int Groups { get; init; }

    /// <summary>Added to the variances.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>Whether the embedding gives scales and shifts after the second normalisation, instead of what is added before it.</summary>
    public bool ScalesAndShifts { get; init; }

    /// <summary>The probability of zeroing a value in training.</summary>
    public double Dropout { get; init; }

    /// <summary>What the sum of both branches is divided by.</summary>
    public double Divisor { get; init; } = 1;

    /// <summary>How the last convolution starts; PyTorch's usual where null.</summary>
    public Initializer? StartLast { get; init; }

    /// <summary>What the layers are called.</summary>
    public ResidualNames Names { get; init; } = ResidualNames.Diffusers;

    /// <summary>A block that is told nothing.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="name">The name of the block.</param>
    /// <param name="channels">The number of output channels.</param>
    public T Forward<T>(IOps<T> ops, T x, string name, int channels)
    {
        var h = ops.Conv2d(ops.GroupNormSilu(x, name + Names.Norm1, Groups, Epsilon), name + Names.Conv1, channels, KernelSize);
        return Finish(ops, x, ops.GroupNormSilu(h, name + Names.Norm2, Groups, Epsilon), name, channels);
    }

    /// <summary>A block that is told level and conditions.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="embedding">SiLU of what it is told, [B, width].</param>
    /// <param name="name">The name of the block.</param>
    /// <param name="channels">The number of output channels.</param>
    /// <param name="resizing">What becomes of the size.</param>
    public T Forward<T>(IOps<T> ops, T x, T embedding, string name, int channels, Resizing resizing = Resizing.None)
    {
        var h = ops.GroupNormSilu(x, name + Names.Norm1, Groups, Epsilon);
        (x, h) = (Resize(ops, x, resizing), Resize(ops, h, resizing));
        h = ops.Conv2d(h, name + Names.Conv1, channels, KernelSize);
        if (ScalesAndShifts)
        {
            h = ops.GroupNormSilu(h, name + Names.Norm2, Groups, ops.Linear(embedding, name + Names.Embedding, 2 * channels), Epsilon);
        }
        else
        {
            var shift = ops.Reshape(ops.Linear(embedding, name + Names.Embedding, channels), channels, 1, 1);
            h = ops.GroupNormSilu(ops.Add(h, shift), name + Names.Norm2, Groups, Epsilon);
        }
        return Finish(ops, x, h, name, channels);
    }

    private T Finish<T>(IOps<T> ops, T x, T h, string name, int channels)
    {
        if (Dropout > 0)
            h = ops.Dropout(h, Dropout);
        h = ops.Conv2d(h, name + Names.Conv2, channels, KernelSize, initializer: StartLast);
        h = ops.Add(h, ops.Size(x, 1) == channels ? x : ops.Conv2d(x, name + Names.Shortcut, channels, kernel: 1));
        return Divisor == 1 ? h : ops.Scale(h, 1 / Divisor);
    }

    private static T Resize<T>(IOps<T> ops, T x, Resizing resizing) => resizing switch
    {
        Resizing.Down => ops.AveragePool2d(x, 2),
        Resizing.Up => ops.ResizeNearest(x, 2 * ops.Size(x, 2), 2 * ops.Size(x, 3)),
        _ => x,
    };
}
