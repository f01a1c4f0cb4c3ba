namespace Microsoft.ML.Diffusion;

/// <summary>
/// Attention of tokens with linear layers around it (Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2). Names of diffusers' <c>Attention</c>: <c>to_q</c>, <c>to_k</c>, <c>to_v</c>,
/// <c>to_out.0</c>.
/// </summary>
/// <param name="Heads">The number of heads.</param>
/// <param name="HeadWidth">The width of a head.</param>
/// <param name="Bias">Whether queries, keys and values have a bias; the output always has.</param>
/// <param name="Start">How a layer starts, given its inputs and outputs; PyTorch's usual where null.</param>
internal readonly record struct MultiHeadAttention(int Heads, int HeadWidth, bool Bias = true, Func<int, int, Initializer>? Start = null)
{
    /// <summary>Tokens attend to each other.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="tokens">[B, L, C].</param>
    /// <param name="name">The name of the layer.</param>
    public T Self<T>(IOps<T> ops, T tokens, string name)
    {
        int width = ops.Size(tokens, 2);
        return Merge(ops, ops.Attention(Split(ops, tokens, name + ".to_q"), Split(ops, tokens, name + ".to_k"), Split(ops, tokens, name + ".to_v")), name, width);
    }

    /// <summary>Tokens attend to those of a sequence.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="tokens">[B, L, C].</param>
    /// <param name="context">The tokens of the sequence, [B, M, D].</param>
    /// <param name="mask">1 where a token of the sequence is there, 0 where it is missing: [B, M], Float32.</param>
    /// <param name="name">The name of the layer.</param>
    public T Cross<T>(IOps<T> ops, T tokens, T context, T mask, string name)
    {
        int width = ops.Size(tokens, 2);
        return Merge(ops, ops.Attention(Split(ops, tokens, name + ".to_q"), Split(ops, context, name + ".to_k"), Split(ops, context, name + ".to_v"), mask), name, width);
    }

    // [B, L, C] → [B, heads, L, head width].
    private T Split<T>(IOps<T> ops, T tokens, string name)
    {
        int length = ops.Size(tokens, 1);
        return ops.Transpose(ops.Reshape(ops.Linear(tokens, name, Heads * HeadWidth, Start?.Invoke(ops.Size(tokens, 2), Heads * HeadWidth), Bias), length, Heads, HeadWidth), 1, 2);
    }

    private T Merge<T>(IOps<T> ops, T heads, string name, int width)
    {
        int length = ops.Size(heads, 2);
        return ops.Linear(ops.Reshape(ops.Transpose(heads, 1, 2), length, Heads * HeadWidth), name + ".to_out.0", width, Start?.Invoke(Heads * HeadWidth, width));
    }
}
