namespace Microsoft.ML.Diffusion;

/// <content>The function itself.</content>
public sealed partial class UNet
{
    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        var embedding = Embed(ops, level, conditions);
        int answers = checked(AnswerChannels(ops, x) * PatchSize * PatchSize), levels = Multipliers.Count;
        var skips = new Stack<T>();
        var h = Descend(ops, x, embedding, skips.Push);

        for (int i = 0; i < levels; i++)
        {
            int from = levels - 1 - i;
            for (int j = 0; j <= BlocksPerLevel; j++)
                h = Block(ops, ops.Concat(h, skips.Pop()), embedding, $"up_blocks.{i}", j, Multipliers[from], AttentionFactors.Contains(1 << from));
            if (from == 0)
                break;
            // To the size of the skip, not to twice the size: they differ where a size was odd.
            var skip = skips.Peek();
            h = PictureResize.Grow(ops, h, $"up_blocks.{i}", ops.Size(skip, 2), ops.Size(skip, 3));
        }

        h = ops.GroupNormSilu(h, "conv_norm_out", Groups);
        h = ops.Conv2d(h, "conv_out", answers, KernelSize, initializer: Initializer.Zeros);
        return ops.ToFloat32(PatchSize > 1 ? WholeSteps.Cut(ops, ops.DepthToSpace(h, PatchSize), x) : h);
    }

    /// <summary>What level and conditions say: [B, 4·<see cref="Channels"/>].</summary>
    internal T Embed<T>(IOps<T> ops, T level, IReadOnlyList<Condition<T>> conditions) => LevelEmbedding.Build(ops, level, conditions, Channels, 4 * Channels);

    /// <summary>The way down and the middle; what the way up is given is kept.</summary>
    internal T Descend<T>(IOps<T> ops, T x, T embedding, Action<T> keep)
    {
        var h = ops.ToWorking(x);
        if (PatchSize > 1)
            h = ops.SpaceToDepth(WholeSteps.Fill(ops, h, PatchSize), PatchSize);
        h = ops.Conv2d(h, "conv_in", Channels, KernelSize);
        keep(h);
        for (int i = 0; i < Multipliers.Count; i++)
        {
            for (int j = 0; j < BlocksPerLevel; j++)
            {
                h = Block(ops, h, embedding, $"down_blocks.{i}", j, Multipliers[i], AttentionFactors.Contains(1 << i));
                keep(h);
            }
            if (i == Multipliers.Count - 1)
                break;
            h = PictureResize.Halve(ops, h, $"down_blocks.{i}");
            keep(h);
        }
        h = Block(ops, h, embedding, "mid_block", 0, Multipliers[^1], MiddleAttention);
        return Block(ops, h, embedding, "mid_block", 1, Multipliers[^1], attends: false);
    }

    private T Block<T>(IOps<T> ops, T x, T embedding, string place, int index, int multiplier, bool attends)
    {
        var block = new ResidualBlock { Groups = Groups, ScalesAndShifts = true, Dropout = Dropout };
        var h = block.Forward(ops, x, embedding, $"{place}.resnets.{index}", Channels * multiplier);
        return attends ? new PictureAttention(HeadChannels, Groups).Forward(ops, h, $"{place}.attentions.{index}") : h;
    }
}
