namespace Microsoft.ML.Diffusion;

/// <content>The function itself.</content>
public sealed partial class DiffusersUNet
{
    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        int answers = OutputChannels ?? AnswerChannels(ops, x);
        var pass = new Pass<T>(this, ops, Embed(ops, level, conditions), Context(ops, conditions));
        var h = ops.Conv2d(ops.ToWorking(CentersInput ? ops.Scale(x, 2, -1) : x), "conv_in", Channels[0], InputKernel);
        var skips = new Stack<T>([h]);
        int last = Channels.Count - 1;
        for (int i = 0; i <= last; i++)
            h = pass.Down(h, skips, i, last);
        h = pass.Middle(h, last);
        for (int i = last; i >= 0; i--)
            h = pass.Up(h, skips, i, last);
        h = ops.GroupNormSilu(h, "conv_norm_out", Groups, Epsilon);
        return ops.ToFloat32(ops.Conv2d(h, "conv_out", answers, OutputKernel, initializer: Initializer.Zeros));
    }

    // SiLU of [B, width]: what every residual block is told.
    private T Embed<T>(IOps<T> ops, T level, IReadOnlyList<Condition<T>> conditions)
    {
        int width = EmbeddingWidth ?? 4 * Channels[0];
        var sum = TwoLayers(ops, Sinusoids(ops, level), "time_embedding", width);
        bool isTold = false;
        // Augmentation first: it is added to what the level says, beside which others may stand.
        foreach (var condition in conditions.OrderBy(condition => condition.Slot is not AugmentationCondition))
        {
            if (condition.Slot is SequenceCondition)
                continue;
            if (condition.Slot is AugmentationCondition)
            {
                // Nothing where a sample is like the data itself: then the network is the reference's.
                sum = ops.Add(sum, ops.Linear(ops.ToWorking(condition.Value), "augmentation_embedding", width, bias: false));
                continue;
            }
            if (isTold)
                throw Unfit($"takes one class or vector, got [{string.Join(", ", conditions.Select(each => each.Slot))}]");
            isTold = true;
            var said = ops.Multiply(Embed(ops, condition, width), ops.ToWorking(condition.Present));
            sum = Concatenates ? ops.Concat(sum, said) : ops.Add(sum, said);
        }
        return Concatenates && !isTold ? throw Unfit($"{nameof(Concatenates)} is for networks with a class or vector") : ops.Silu(sum);
    }

    private T Embed<T>(IOps<T> ops, Condition<T> condition, int width)
    {
        const string Name = "class_embedding";
        if (condition.Slot is ClassCondition classes)
            // Class 1 is row 0; before it, for rows without a class, zeros.
            return ops.Rows(ops.Pad(ops.Parameter(Name + ".weight", Initializer.Normal(1), classes.Count, width), 0, 1, 0), condition.Value);
        switch (Vectors)
        {
            case VectorEmbedding.TwoLayers:
                return TwoLayers(ops, ops.ToWorking(condition.Value), Name, width);
            case VectorEmbedding.Linear:
                return ops.Linear(ops.ToWorking(condition.Value), Name, width);
            case VectorEmbedding.Sinusoids when condition.Slot.Width == 1:
                return TwoLayers(ops, Sinusoids(ops, ops.Reshape(condition.Value)), Name, width);
            case VectorEmbedding.Identity when condition.Slot.Width == width:
                return ops.ToWorking(condition.Value);
            default:
                throw Unfit($"{Vectors} takes a vector of {(Vectors == VectorEmbedding.Identity ? width : 1)}, got {condition.Slot}");
        }
    }

    private T Sinusoids<T>(IOps<T> ops, T number) => ops.ToWorking(ops.Sinusoids(number, new SinusoidalEmbedding(Channels[0], shift: FrequencyShift, sinesFirst: SinesFirst)));

    private static T TwoLayers<T>(IOps<T> ops, T x, string name, int width) => ops.Linear(ops.Silu(ops.Linear(x, name + ".linear_1", width)), name + ".linear_2", width);

    // Tokens and mask of the sequence that the picture attends to; the level stands for both where nothing attends.
    private (T Tokens, T Mask)? Context<T>(IOps<T> ops, IReadOnlyList<Condition<T>> conditions)
    {
        var sequences = conditions.Where(condition => condition.Slot is SequenceCondition).ToArray();
        if (sequences.Length != (Crosses ? 1 : 0))
            throw Unfit($"takes {(Crosses ? "one sequence of tokens (a column of type Vector<Single, tokens, width>), as it has cross attention" : "no sequence of tokens, as it has no cross attention")}; got {sequences.Length}");
        if (!Crosses)
            return null;
        var tokens = ops.ToWorking(sequences[0].Value);
        if (ContextWidth is { } width)
            tokens = ops.Linear(tokens, "encoder_hid_proj", width);
        // Rows without any token attend to zeros.
        return (tokens, ops.Add(sequences[0].Mask!, ops.Scale(sequences[0].Present, -1, 1)));
    }

    /// <summary>One run: the network, the interpreter, and what blocks are told.</summary>
    private readonly struct Pass<T>(DiffusersUNet network, IOps<T> ops, T embedding, (T Tokens, T Mask)? context)
    {
        private readonly ResidualBlock _block = new()
        {
            Groups = network.Groups,
            Epsilon = network.Epsilon,
            ScalesAndShifts = network.ScalesAndShifts,
            Dropout = network.Dropout,
        };

        public T Down(T h, Stack<T> skips, int level, int last)
        {
            string name = $"down_blocks.{level}";
            var stage = network.DownStage(level);
            for (int i = 0; i < At(network.Layers, level); i++)
            {
                h = Layer(h, name, i, level, stage);
                skips.Push(h);
            }
            if (level == last)
                return h;
            h = stage == UNetStage.ResidualResizing || (stage == UNetStage.Attention && network.ResidualDown)
                ? _block.Forward(ops, h, embedding, name + ".downsamplers.0", network.Channels[level], Resizing.Down)
                : PictureResize.Halve(ops, h, name, network.DownPadding);
            skips.Push(h);
            return h;
        }

        public T Middle(T h, int last)
        {
            const string Name = "mid_block";
            var block = _block with { Divisor = network.MiddleDivisor };
            if (network.Middle == UNetMiddle.None)
                return h;
            h = block.Forward(ops, h, embedding, Name + ".resnets.0", network.Channels[last]);
            if (network.Middle == UNetMiddle.OneResidual)
                return h;
            if (network.Middle == UNetMiddle.Attention)
                h = Attention(last, network.MiddleGroups ?? (network.ScalesAndShifts ? 0 : network.Groups), network.MiddleDivisor).Forward(ops, h, Name + ".attentions.0");
            else if (network.Middle == UNetMiddle.CrossAttention)
                h = Transformer(h, Name + ".attentions.0", last, onlyCross: false);
            return block.Forward(ops, h, embedding, Name + ".resnets.1", network.Channels[last]);
        }

        public T Up(T h, Stack<T> skips, int level, int last)
        {
            string name = $"up_blocks.{last - level}";
            var stage = network.UpStage(level);
            for (int i = 0; i <= At(network.Layers, level); i++)
                h = Layer(ops.Concat(h, skips.Pop()), name, i, level, stage);
            if (level == 0)
                return h;
            // To the size of the skip, not to twice the size: they differ where a size was odd.
            var skip = skips.Peek();
            int height = ops.Size(skip, 2), width = ops.Size(skip, 3);
            if (stage != UNetStage.ResidualResizing && !(stage == UNetStage.Attention && network.ResidualUp))
                return PictureResize.Grow(ops, h, name, height, width);
            h = _block.Forward(ops, h, embedding, name + ".upsamplers.0", network.Channels[level], Resizing.Up);
            return ops.Size(h, 2) == height && ops.Size(h, 3) == width ? h : throw Unfit($"levels that change the size within a residual block take sizes divisible by {1 << last}");
        }

        private T Layer(T h, string name, int index, int level, UNetStage stage)
        {
            h = _block.Forward(ops, h, embedding, $"{name}.resnets.{index}", network.Channels[level]);
            return stage switch
            {
                UNetStage.Attention => Attention(level, network.Groups, 1).Forward(ops, h, $"{name}.attentions.{index}"),
                UNetStage.CrossAttention => Transformer(h, $"{name}.attentions.{index}", level, At(network.OnlyCross, level)),
                _ => h,
            };
        }

        private PictureAttention Attention(int level, int groups, double divisor) => new(network.HeadWidth(level), groups) { Epsilon = network.Epsilon, Divisor = divisor };

        private T Transformer(T h, string name, int level, bool onlyCross)
        {
            var block = new TransformerBlock(At(network.CrossHeads, level), onlyCross);
            return new PictureTransformer(At(network.TransformerBlocks, level), block, network.Groups, network.LinearProjections)
                .Forward(ops, h, context!.Value.Tokens, context.Value.Mask, name);
        }
    }
}
