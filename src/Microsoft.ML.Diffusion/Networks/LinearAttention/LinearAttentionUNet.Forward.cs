namespace Microsoft.ML.Diffusion;

/// <content>The function itself.</content>
public sealed partial class LinearAttentionUNet
{
    private const int FirstKernel = 7;

    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        int levels = Multipliers.Count, answers = AnswerChannels(ops, x);
        // Widths before and after each level.
        int[] widths = [FirstChannels ?? Channels, .. Multipliers.Select(factor => factor * Channels)];
        var parts = new LinearAttentionParts<T>(ops, ops.Rank(x) - 2, Embed(ops, level, conditions), Memories, Dropout);
        var first = parts.Conv(WholeSteps.Fill(ops, ops.ToWorking(Ordered(ops, x)), 1 << (levels - 1)), "init_conv", widths[0], FirstKernel);
        var h = first;
        var skips = new Stack<T>();
        for (int i = 0; i < levels; i++)
        {
            string name = $"downs.{i}";
            h = parts.Residual(h, name + ".0", widths[i]);
            skips.Push(h);
            h = Attended(parts, parts.Residual(h, name + ".1", widths[i]), name + ".2", i);
            skips.Push(h);
            h = i < levels - 1 ? parts.Conv(parts.Fold(h), name + ".3.1", widths[i + 1], 1) : parts.Conv(h, name + ".3", widths[i + 1], 3);
        }
        h = parts.Residual(h, "mid_block1", widths[^1]);
        h = parts.FullAttention(h, "mid_attn", Heads[^1], HeadChannels[^1]);
        h = parts.Residual(h, "mid_block2", widths[^1]);
        for (int i = levels - 1; i >= 0; i--)
        {
            string name = $"ups.{levels - 1 - i}";
            h = parts.Residual(ops.Concat(h, skips.Pop()), name + ".0", widths[i + 1]);
            h = parts.Residual(ops.Concat(h, skips.Pop()), name + ".1", widths[i + 1]);
            h = Attended(parts, h, name + ".2", i);
            h = i > 0 ? parts.Conv(parts.Double(h), name + ".3.1", widths[i], 3) : parts.Conv(h, name + ".3", widths[i], 3);
        }
        h = parts.Residual(ops.Concat(h, first), "final_res_block", widths[0]);
        return ops.ToFloat32(WholeSteps.Cut(ops, parts.Conv(h, "final_conv", answers, 1), x));
    }

    // The reference has the estimate before x; networks are given it behind x, and before pictures that condition it.
    private T Ordered<T>(IOps<T> ops, T x)
    {
        if (!WithSelfConditioning)
            return x;
        int all = ops.Size(x, 1), channels = (all - ops.PictureChannels) / 2;
        var (noisy, estimate) = (ops.Slice(x, 1, 0, channels), ops.Slice(x, 1, channels, channels));
        var ordered = ops.Concat(estimate, noisy);
        return ops.PictureChannels > 0 ? ops.Concat(ordered, ops.Slice(x, 1, 2 * channels, ops.PictureChannels)) : ordered;
    }

    private T Embed<T>(IOps<T> ops, T level, IReadOnlyList<Condition<T>> conditions)
    {
        int width = 4 * Channels;
        var features = ops.ToWorking(ops.Sinusoids(level, new SinusoidalEmbedding(Channels, FrequencySpan, shift: 1, sinesFirst: true)));
        var sum = ops.Linear(ops.Gelu(ops.Linear(features, "time_mlp.1", width)), "time_mlp.3", width);
        for (int i = 0; i < conditions.Count; i++)
            sum = ops.Add(sum, LevelEmbedding.Embed(ops, conditions[i], $"condition_embedding.{i}", width));
        return ops.Silu(sum);
    }

    private T Attended<T>(LinearAttentionParts<T> parts, T x, string name, int level)
    {
        int heads = Heads[Math.Min(level, Heads.Count - 1)], width = HeadChannels[Math.Min(level, HeadChannels.Count - 1)];
        bool isFull = FullAttention?.Contains(level) ?? level == Multipliers.Count - 1;
        return isFull ? parts.FullAttention(x, name, heads, width) : parts.LinearAttention(x, name, heads, width);
    }
}
