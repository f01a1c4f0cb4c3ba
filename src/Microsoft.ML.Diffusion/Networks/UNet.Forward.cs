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
        int answers = AnswerChannels(ops, x) * PatchSize * PatchSize;

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
            h = PictureResize.Halve(ops, h, $"down_blocks.{i}");
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
            h = PictureResize.Grow(ops, h, $"up_blocks.{i}", ops.Size(skip, 2), ops.Size(skip, 3));
        }

        h = ops.GroupNormSilu(h, "conv_norm_out", Groups);
        h = ops.Conv2d(h, "conv_out", answers, KernelSize, initializer: Initializer.Zeros);
        return ops.ToFloat32(PatchSize > 1 ? ops.DepthToSpace(h, PatchSize) : h);
    }

    private T Block<T>(IOps<T> ops, T x, T embedding, string place, int index, int multiplier, bool attends)
    {
        var block = new ResidualBlock { Groups = Groups, ScalesAndShifts = true, Dropout = Dropout };
        var h = block.Forward(ops, x, embedding, $"{place}.resnets.{index}", Channels * multiplier);
        return attends ? new PictureAttention(HeadChannels, Groups).Forward(ops, h, $"{place}.attentions.{index}") : h;
    }
}
