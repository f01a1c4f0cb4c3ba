namespace Microsoft.ML.Diffusion;

/// <content>The function itself.</content>
public sealed partial class UNet
{
    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        var embedding = LevelEmbedding.Build(ops, level, conditions, Channels, 4 * Channels);
        var h = ops.ToWorking(x);
        if (PatchSize > 1)
            h = ops.SpaceToDepth(h, PatchSize);
        int answers = AnswerChannels(ops.Size(h, 1));

        var skips = new Stack<T>();
        h = ops.Conv2d(h, "conv_in", Channels, KernelSize);
        skips.Push(h);
        int levels = Multipliers.Count;
        for (int i = 0; i < levels; i++)
        {
            for (int j = 0; j < BlocksPerLevel; j++)
            {
                h = Block(ops, h, embedding, $"down_blocks.{i}", j, Multipliers[i], AttentionFactors.Contains(1 << i));
                skips.Push(h);
            }
            if (i == levels - 1)
                break;
            h = ops.Conv2d(h, $"down_blocks.{i}.downsamplers.0.conv", ops.Size(h, 1), KernelSize, stride: 2);
            skips.Push(h);
        }

        h = Block(ops, h, embedding, "mid_block", 0, Multipliers[^1], MiddleAttention);
        h = Block(ops, h, embedding, "mid_block", 1, Multipliers[^1], attends: false);

        for (int i = 0; i < levels; i++)
        {
            int from = levels - 1 - i;
            for (int j = 0; j <= BlocksPerLevel; j++)
                h = Block(ops, ops.Concat(h, skips.Pop()), embedding, $"up_blocks.{i}", j, Multipliers[from], AttentionFactors.Contains(1 << from));
            if (from == 0)
                break;
            // To the size of the skip, not to twice the size: they differ where a size was odd.
            var skip = skips.Peek();
            h = ops.ResizeNearest(h, ops.Size(skip, 2), ops.Size(skip, 3));
            h = ops.Conv2d(h, $"up_blocks.{i}.upsamplers.0.conv", ops.Size(h, 1), KernelSize);
        }

        h = ops.GroupNormSilu(h, "conv_norm_out", Groups);
        h = ops.Conv2d(h, "conv_out", answers, KernelSize, initializer: Initializer.Zeros);
        return ops.ToFloat32(PatchSize > 1 ? ops.DepthToSpace(h, PatchSize) : h);
    }

    private T Block<T>(IOps<T> ops, T x, T embedding, string place, int index, int multiplier, bool attends)
    {
        var h = Residual(ops, x, embedding, $"{place}.resnets.{index}", Channels * multiplier);
        return attends ? SelfAttention(ops, h, $"{place}.attentions.{index}") : h;
    }

    private T Residual<T>(IOps<T> ops, T x, T embedding, string name, int channels)
    {
        var h = ops.Conv2d(ops.GroupNormSilu(x, name + ".norm1", Groups), name + ".conv1", channels, KernelSize);
        h = ops.GroupNormSilu(h, name + ".norm2", Groups, ops.Linear(embedding, name + ".time_emb_proj", 2 * channels));
        if (Dropout > 0)
            h = ops.Dropout(h, Dropout);
        h = ops.Conv2d(h, name + ".conv2", channels, KernelSize);
        return ops.Add(h, ops.Size(x, 1) == channels ? x : ops.Conv2d(x, name + ".conv_shortcut", channels, kernel: 1));
    }

    private T SelfAttention<T>(IOps<T> ops, T x, string name)
    {
        int channels = ops.Size(x, 1), height = ops.Size(x, 2), width = ops.Size(x, 3);
        var normal = ops.GroupNorm(x, name + ".group_norm", Groups);
        var tokens = ops.Transpose(ops.Reshape(normal, channels, height * width), 1, 2);
        var attended = ops.Attention(Heads("to_q"), Heads("to_k"), Heads("to_v"));
        attended = ops.Reshape(ops.Transpose(attended, 1, 2), height * width, channels);
        attended = ops.Transpose(ops.Linear(attended, name + ".to_out.0", channels), 1, 2);
        return ops.Add(x, ops.Reshape(attended, channels, height, width));

        T Heads(string part)
        {
            var all = ops.Linear(tokens, $"{name}.{part}", channels);
            return ops.Transpose(ops.Reshape(all, height * width, channels / HeadChannels, HeadChannels), 1, 2);
        }
    }
}
