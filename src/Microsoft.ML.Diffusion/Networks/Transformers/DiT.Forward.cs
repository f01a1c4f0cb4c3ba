namespace Microsoft.ML.Diffusion;

/// <content>The function itself.</content>
public sealed partial class DiT
{
    private const double Epsilon = 1e-6;

    // Of the reference's initialize_weights.
    private static readonly Initializer SmallStart = Initializer.Normal(0.02) with { ZeroBias = true };

    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        int channels = ops.Size(x, 1), rows = ops.Size(x, 2) / PatchSize, columns = ops.Size(x, 3) / PatchSize;
        var patches = ops.Conv2d(ops.ToWorking(x), "pos_embed.proj", Width, PatchSize, PatchSize, Start(checked(channels * PatchSize * PatchSize), Width), padding: 0);
        var positions = ops.Table("pos_embed", () => PatchPositions.Of(rows, columns, Width, PositionScale), 1, rows * columns, Width);
        var tokens = ops.Add(PictureTokens.Of(ops, patches), ops.ToWorking(positions));

        var sequences = Sequences(ops, conditions);
        // The last layer is told what the first block is told.
        var told = Embed(ops, level, conditions, 0);
        var own = told;
        for (int i = 0; i < Depth; i++)
        {
            if (i > 0 && !SharedEmbedding)
                own = Embed(ops, level, conditions, i);
            tokens = Block(ops, tokens, own, sequences, $"transformer_blocks.{i}");
        }
        var modulation = ops.Linear(told, "proj_out_1", 2 * Width, Initializer.Zeros);
        tokens = Modulated(ops, ops.LayerNorm(tokens, Epsilon), Part(ops, modulation, 0), Part(ops, modulation, 1));
        int answers = AnswerChannels(ops, x);
        tokens = ops.Linear(tokens, "proj_out_2", checked(PatchSize * PatchSize * answers), Initializer.Zeros);
        var picture = ops.Permute(ops.Reshape(tokens, rows, columns, PatchSize, PatchSize, answers), 0, 5, 1, 3, 2, 4);
        return ops.ToFloat32(ops.Reshape(picture, answers, rows * PatchSize, columns * PatchSize));
    }

    private static Initializer Start(int inputs, int outputs) => Initializer.Xavier(inputs, outputs);

    // SiLU of what a block is told, [B, Width].
    private T Embed<T>(IOps<T> ops, T level, IReadOnlyList<Condition<T>> conditions, int block)
    {
        string name = $"transformer_blocks.{block}.norm1.emb";
        var features = ops.ToWorking(ops.Sinusoids(level, new SinusoidalEmbedding(LevelFeatures, shift: FrequencyShift)));
        var sum = ops.Linear(ops.Silu(ops.Linear(features, name + ".timestep_embedder.linear_1", Width, SmallStart)), name + ".timestep_embedder.linear_2", Width, SmallStart);
        bool hasClass = false;
        for (int i = 0; i < conditions.Count; i++)
        {
            if (conditions[i].Slot is SequenceCondition)
                continue;
            if (!hasClass && conditions[i].Slot is ClassCondition classes)
            {
                hasClass = true;
                sum = ops.Add(sum, ClassTable.Look(ops, conditions[i].Value, name + ".class_embedder.embedding_table.weight", classes.Count, Width, MissingClass, SmallStart));
                continue;
            }
            sum = ops.Add(sum, LevelEmbedding.Embed(ops, conditions[i], $"{name}.condition_embedder.{i}", Width));
        }
        return ops.Silu(sum);
    }

    private T Block<T>(IOps<T> ops, T tokens, T told, (T Tokens, T Mask)[] sequences, string name)
    {
        var attention = new MultiHeadAttention(Heads, Width / Heads, AttentionBias, Start);
        // Shift, scale and gate of the attention, then of the feed-forward layers.
        var modulation = ops.Linear(told, name + ".norm1.linear", 6 * Width, Initializer.Zeros);
        var normal = Modulated(ops, ops.LayerNorm(tokens, Epsilon), Part(ops, modulation, 0), Part(ops, modulation, 1));
        tokens = ops.Add(tokens, ops.Multiply(attention.Self(ops, normal, name + ".attn1"), Part(ops, modulation, 2)));
        for (int i = 0; i < sequences.Length; i++)
        {
            string cross = i == 0 ? name + ".attn2" : $"{name}.attn2_{i}";
            tokens = ops.Add(tokens, attention.Cross(ops, ops.LayerNorm(tokens, FeedForwardEpsilon), sequences[i].Tokens, sequences[i].Mask, cross));
        }
        normal = Modulated(ops, ops.LayerNorm(tokens, FeedForwardEpsilon), Part(ops, modulation, 3), Part(ops, modulation, 4));
        int wide = checked((int)(Width * FeedForwardRatio));
        var features = ops.Gelu(ops.Linear(normal, name + ".ff.net.0.proj", wide, Start(Width, wide)), ApproximateGelu);
        features = ops.Linear(features, name + ".ff.net.2", Width, Start(wide, Width));
        return ops.Add(tokens, ops.Multiply(features, Part(ops, modulation, 5)));
    }

    // Of a missing sequence all tokens count, which are zeros.
    private static (T Tokens, T Mask)[] Sequences<T>(IOps<T> ops, IReadOnlyList<Condition<T>> conditions)
        => [.. conditions.Where(condition => condition.Slot is SequenceCondition)
            .Select(condition => (ops.ToWorking(condition.Value), ops.Add(condition.Mask!, ops.Scale(condition.Present, -1, 1))))];

    // [B, 1, Width]: the same for all tokens of a row.
    private T Part<T>(IOps<T> ops, T modulation, int index) => ops.Unsqueeze(ops.Slice(modulation, 1, index * Width, Width), 1);

    private static T Modulated<T>(IOps<T> ops, T tokens, T shift, T scale) => ops.Add(ops.Multiply(tokens, ops.Scale(scale, 1, 1)), shift);
}
