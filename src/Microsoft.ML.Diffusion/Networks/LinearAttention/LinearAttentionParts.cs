namespace Microsoft.ML.Diffusion;

/// <summary>The layers of a <see cref="LinearAttentionUNet"/>, over one axis or two.</summary>
/// <param name="ops">The interpreter.</param>
/// <param name="axes">1 for sequences [B, C, L], 2 for pictures [B, C, H, W].</param>
/// <param name="embedding">SiLU of what blocks are told, [B, E].</param>
/// <param name="memories">The number of learned keys and values.</param>
/// <param name="dropout">The probability of zeroing a value in training.</param>
/// <typeparam name="T">What stands for a tensor.</typeparam>
internal sealed class LinearAttentionParts<T>(IOps<T> ops, int axes, T embedding, int memories, double dropout)
{
    private const int KernelSize = 3;

    // The reference divides by the norm itself, at least 1e-12.
    private const double Epsilon = 1e-24;

    /// <summary>A convolution over all axes.</summary>
    public T Conv(T x, string name, int channels, int kernel, bool bias = true) => axes == 1
        ? ops.Conv1d(x, name, channels, kernel, bias: bias)
        : ops.Conv2d(x, name, channels, kernel, bias: bias);

    /// <summary>Neighbours become channels: half the size along each axis.</summary>
    public T Fold(T x)
    {
        if (axes == 2)
            return ops.SpaceToDepth(x, 2);
        int channels = ops.Size(x, 1), length = ops.Size(x, 2);
        return ops.Reshape(ops.Transpose(ops.Reshape(x, channels, length / 2, 2), 2, 3), 2 * channels, length / 2);
    }

    /// <summary>Each place twice along each axis.</summary>
    public T Double(T x) => axes == 1 ? ops.ResizeNearest(x, 2 * ops.Size(x, 2)) : ops.ResizeNearest(x, 2 * ops.Size(x, 2), 2 * ops.Size(x, 3));

    /// <summary>Two convolutions with normalisations, modulated after the first, plus the input.</summary>
    public T Residual(T x, string name, int channels)
    {
        var modulation = ops.Linear(embedding, name + ".mlp.1", 2 * channels);
        var h = Norm(Conv(x, name + ".block1.proj", channels, KernelSize), name + ".block1.norm");
        h = Dropped(ops.Silu(ops.Modulate(h, modulation)));
        h = Norm(Conv(h, name + ".block2.proj", channels, KernelSize), name + ".block2.norm");
        h = ops.Silu(h);
        return ops.Add(h, ops.Size(x, 1) == channels ? x : Conv(x, name + ".res_conv", channels, 1));
    }

    /// <summary>Every place attends to all, plus the input.</summary>
    public T FullAttention(T x, string name, int heads, int width)
    {
        var (query, key, value) = Projected(x, name, heads, width);
        (query, key, value) = (ops.Transpose(query, 2, 3), ops.Transpose(key, 2, 3), ops.Transpose(value, 2, 3));
        if (memories > 0)
        {
            (key, value) = (ops.Concat(Memory(0), key, 2), ops.Concat(Memory(1), value, 2));
        }
        var attended = Placed(ops.Transpose(ops.Attention(query, key, value), 2, 3), x, heads * width);
        return ops.Add(Conv(attended, name + ".to_out", ops.Size(x, 1), 1), x);

        T Memory(int which) => Remembered(x, name, which, heads, memories, width);
    }

    /// <summary>Every place attends to a summary of all, plus the input.</summary>
    public T LinearAttention(T x, string name, int heads, int width)
    {
        var (query, key, value) = Projected(x, name, heads, width);
        if (memories > 0)
            (key, value) = (ops.Concat(Memory(0), key, 3), ops.Concat(Memory(1), value, 3));
        query = ops.Scale(ops.Softmax(query, 2), 1 / Math.Sqrt(width));
        // [B, heads, d, e]: what there is to know, whatever asks for it.
        var context = ops.MatMul(ops.Softmax(key, 3), ops.Transpose(value, 2, 3));
        var attended = Placed(ops.MatMul(ops.Transpose(context, 2, 3), query), x, heads * width);
        attended = Conv(attended, name + ".to_out.0", ops.Size(x, 1), 1);
        return ops.Add(Norm(attended, name + ".to_out.1"), x);

        T Memory(int which) => Remembered(x, name, which, heads, width, memories);
    }

    // Queries, keys and values: [B, heads, width, places].
    private (T Query, T Key, T Value) Projected(T x, string name, int heads, int width)
    {
        int places = axes == 1 ? ops.Size(x, 2) : ops.Size(x, 2) * ops.Size(x, 3);
        var all = Conv(Norm(x, name + ".norm"), name + ".to_qkv", 3 * heads * width, 1, bias: false);
        all = ops.Reshape(all, 3, heads, width, places);
        return (Part(0), Part(1), Part(2));

        T Part(int index) => ops.Reshape(ops.Slice(all, 1, index, 1), heads, width, places);
    }

    // [B, heads, first, second].
    private T Remembered(T x, string name, int which, int heads, int first, int second)
        => ops.Expand(ops.Slice(ops.Parameter(name + ".mem_kv", Initializer.Normal(1), 2, heads, first, second), 0, which, 1), 0, ops.Size(x, 0));

    // [B, heads, width, places] → where the places of x are.
    private T Placed(T attended, T x, int channels) => axes == 1
        ? ops.Reshape(attended, channels, ops.Size(x, 2))
        : ops.Reshape(attended, channels, ops.Size(x, 2), ops.Size(x, 3));

    private T Norm(T x, string name) => axes == 1
        ? ops.Transpose(ops.RmsNorm(ops.Transpose(x, 1, 2), name, Epsilon), 1, 2)
        : ops.Permute(ops.RmsNorm(ops.Permute(x, 0, 2, 3, 1), name, Epsilon), 0, 3, 1, 2);

    private T Dropped(T x) => dropout > 0 ? ops.Dropout(x, dropout) : x;
}
