namespace Microsoft.ML.Diffusion;

/// <summary>Pixels attend to each other, plus the input; queries, keys and values come from one layer (openai/guided-diffusion's <c>AttentionBlock</c>).</summary>
/// <param name="Heads">The number of heads.</param>
/// <param name="PartsFirst">Whether the layer's channels are cut into queries, keys and values before they are cut into heads.</param>
internal readonly record struct StackedAttention(int Heads, bool PartsFirst)
{
    /// <summary>[B, C, H, W] → [B, C, H, W].</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="name">The name of the block.</param>
    /// <param name="groups">The number of groups of the normalisation.</param>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public T Forward<T>(IOps<T> ops, T x, string name, int groups)
    {
        int channels = ops.Size(x, 1), height = ops.Size(x, 2), width = ops.Size(x, 3);
        var normal = ops.Reshape(ops.GroupNorm(x, name + ".norm", groups), channels, height * width);
        var attended = Attend(ops, ops.Conv1d(normal, name + ".qkv", 3 * channels, 1));
        attended = ops.Conv1d(attended, name + ".proj_out", channels, 1, initializer: Initializer.Zeros);
        return ops.Add(x, ops.Reshape(attended, channels, height, width));
    }

    /// <summary>Attention of queries, keys and values that lie one behind the other: [B, 3C, L] → [B, C, L].</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="all">[B, 3C, L].</param>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public T Attend<T>(IOps<T> ops, T all)
    {
        int heads = Heads, channels = ops.Size(all, 1) / 3, length = ops.Size(all, 2), part = PartsFirst ? 1 : 2;
        all = PartsFirst ? ops.Reshape(all, 3, heads, channels / heads, length) : ops.Reshape(all, heads, 3, channels / heads, length);
        var attended = ops.Attention(Part(0), Part(1), Part(2));
        return ops.Reshape(ops.Transpose(attended, 2, 3), channels, length);

        T Part(int index) => ops.Transpose(ops.Reshape(ops.Slice(all, part, index, 1), heads, channels / heads, length), 2, 3);
    }
}
