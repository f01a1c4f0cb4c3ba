namespace Microsoft.ML.Diffusion;

/// <summary>
/// A transformer over the tokens of a text: embeddings of tokens and of places, blocks of attention and feed-forward layers with the normalisation in front, a last normalisation (Vaswani et al.
/// 2017, arXiv:1706.03762; the order of Radford et al. 2021, arXiv:2103.00020, without a causal mask: a token sees the whole text). A part of networks, trained with them.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class TokenEncoder
{
    private const double EmbeddingDeviation = 0.02;

    /// <summary>The width of a token's state; a multiple of <see cref="Heads"/>. 64 unless given.</summary>
    public int Width { get; init => field = Accept.Width(value, this); } = 64;

    /// <summary>The number of blocks. 2 unless given.</summary>
    public int Depth { get; init => field = Accept.Repeats(value, this); } = 2;

    /// <summary>The number of heads. 4 unless given.</summary>
    public int Heads { get; init => field = Accept.Repeats(value, this); } = 4;

    /// <summary>The width of the feed-forward layers in units of <see cref="Width"/>. 4 unless given.</summary>
    public int FeedForwardFactor { get; init => field = Accept.Repeats(value, this); } = 4;

    /// <summary>The probability of zeroing a value of a branch in training; in [0, 1). 0 unless given.</summary>
    public double Dropout
    {
        get;
        init => field = value is >= 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(Dropout), value, "TokenEncoder.Dropout lies in [0, 1).");
    }

    /// <summary>Two blocks of width 64, about 0.1 million parameters and 64 for each word: for captions.</summary>
    public static TokenEncoder Small => new();

    /// <summary>Six blocks of width 256, about 4.7 million parameters and 256 for each word: for sentences, on a GPU.</summary>
    public static TokenEncoder Medium => new() { Width = 256, Depth = 6, Heads = 8 };

    /// <summary>The states of the tokens of a condition: [B, T, <see cref="Width"/>], Float32; zeros where there is no token.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="tokens">A condition whose slot is a <see cref="TokensCondition"/>.</param>
    /// <param name="prefix">The name of the encoder, in front of those of its parameters.</param>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    /// <exception cref="ArgumentException">The condition is no tokens.</exception>
    public T Encode<T>(IOps<T> ops, Condition<T> tokens, string prefix)
        => tokens.Slot is TokensCondition slot
            ? Encode(ops, tokens.Value, tokens.Mask!, slot.Vocabulary, prefix)
            : throw new ArgumentException($"TokenEncoder encodes tokens, got {tokens.Slot}.", nameof(tokens));

    /// <summary>The states of tokens: [B, T, <see cref="Width"/>], Float32; zeros where there is no token.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="tokens">1 … <paramref name="vocabulary"/>, or 0 where there is none: whole numbers [B, T].</param>
    /// <param name="mask">1 where there is a token, 0 where there is none: [B, T], Float32.</param>
    /// <param name="vocabulary">The number of tokens that there are.</param>
    /// <param name="prefix">The name of the encoder, in front of those of its parameters.</param>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public T Encode<T>(IOps<T> ops, T tokens, T mask, int vocabulary, string prefix)
    {
        ArgumentNullException.ThrowIfNull(ops);
        Check();
        int length = ops.Size(tokens, 1);
        var words = ops.Rows(ops.Parameter(prefix + ".token_embedding.weight", Initializer.Normal(EmbeddingDeviation), vocabulary + 1, Width), tokens);
        var states = ops.Add(words, ops.Parameter(prefix + ".position_embedding", Initializer.Normal(EmbeddingDeviation), 1, length, Width));
        var attended = Attended(ops, mask);
        for (int i = 0; i < Depth; i++)
        {
            string name = FormattableString.Invariant($"{prefix}.blocks.{i}");
            var normal = ops.LayerNorm(states, name + ".norm1");
            states = ops.Add(states, Dropped(ops, Attention.Cross(ops, normal, normal, attended, name + ".attn")));
            var features = ops.Gelu(ops.Linear(ops.LayerNorm(states, name + ".norm2"), name + ".ff.0", FeedForwardFactor * Width));
            states = ops.Add(states, Dropped(ops, ops.Linear(features, name + ".ff.2", Width)));
        }
        states = ops.LayerNorm(states, prefix + ".norm_out");
        return ops.ToFloat32(ops.Multiply(states, ops.ToWorking(ops.Unsqueeze(mask, 2))));
    }

    /// <summary>A text as one vector, [B, <see cref="Width"/>], Float32: a learned query attends to the states of its tokens (Lee et al. 2019, arXiv:1810.00825, section 3.2). Zeros for a text without tokens.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="states">The states of the tokens, [B, T, <see cref="Width"/>], Float32.</param>
    /// <param name="mask">1 where there is a token, 0 where there is none: [B, T], Float32.</param>
    /// <param name="prefix">The name of the encoder, in front of those of its parameters.</param>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public T Pool<T>(IOps<T> ops, T states, T mask, string prefix)
    {
        ArgumentNullException.ThrowIfNull(ops);
        Check();
        var query = ops.Expand(ops.Parameter(prefix + ".pool.query", Initializer.Normal(1), 1, 1, Width), 0, ops.Size(states, 0));
        var pooled = ops.Reshape(Attention.Cross(ops, query, ops.ToWorking(states), Attended(ops, mask), prefix + ".pool.attn"), Width);
        var present = ops.Scale(WithoutTokens(ops, mask), -1, 1);
        return ops.ToFloat32(ops.Multiply(pooled, ops.ToWorking(present)));
    }

    private MultiHeadAttention Attention => new(Heads, Width / Heads);

    // A row without tokens attends to all places, which changes nothing: its states are zeroed.
    private static T Attended<T>(IOps<T> ops, T mask) => ops.Add(mask, WithoutTokens(ops, mask));

    // [B, 1]: 1 where a row has no token, 0 where it has: with one, 1 − 2·Σ mask is −1 or less.
    private static T WithoutTokens<T>(IOps<T> ops, T mask) => ops.Relu(ops.Scale(ops.Mean(mask, 1), -2.0 * ops.Size(mask, 1), 1));

    private T Dropped<T>(IOps<T> ops, T branch) => Dropout > 0 ? ops.Dropout(branch, Dropout) : branch;

    private void Check()
    {
        if (Width % Heads != 0)
            throw new ArgumentException($"TokenEncoder: Width {Width} is not divisible by Heads {Heads}.");
    }
}
