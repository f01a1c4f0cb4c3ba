namespace Microsoft.ML.Diffusion;

/// <content>The function itself.</content>
public sealed partial class SongUNet
{
    private const int KernelSize = 3;
    private const double FourierScale = 16;

    // Of EDM's Table 7, but for the last layers of residuals, which start almost at nothing.
    private const double GainOfLast = 1e-5, GainOfAttention = 0.44721359549995794; // √0.2
    private const double Epsilon = 1e-6;

    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        var embedding = Embed(ops, level, conditions);
        int answers = AnswerChannels(ops, x);
        var block = new EdmBlock(Dropout, Math.Sqrt(0.5), Epsilon, ResampleTaps, ProjectsSkip: true, Modulates: false, _ => 1, Start, StartLast, StartAttention);
        var skips = new Stack<T>();
        var h = Encode(ops, ops.ToWorking(x), embedding, block, skips);
        return ops.ToFloat32(Decode(ops, h, embedding, block, skips, answers));
    }

    private static Initializer? Start(int inputs, int outputs) => Initializer.Xavier(inputs, outputs);

    private static Initializer? StartLast(int inputs, int outputs) => Initializer.Xavier(inputs, outputs, GainOfLast);

    private static Initializer? StartAttention(int inputs, int outputs) => Initializer.Xavier(inputs, outputs, GainOfAttention);

    private static T Linear<T>(IOps<T> ops, T x, string name, int features) => ops.Linear(x, name, features, Start(ops.Size(x, 1), features));

    private static T Conv<T>(IOps<T> ops, T x, string name, int channels, int kernel, int? padding = null) =>
        ops.Conv2d(x, name, channels, kernel, 1, Start(ops.Size(x, 1) * kernel * kernel, channels * kernel * kernel), padding);

    private T Embed<T>(IOps<T> ops, T level, IReadOnlyList<Condition<T>> conditions)
    {
        int features = Channels * NoiseMultiplier, width = Channels * EmbeddingMultiplier;
        var embedding = ops.ToWorking(Embedding == EdmEmbedding.Positional
            ? ops.Sinusoids(level, new SinusoidalEmbedding(features, shift: 1, sinesFirst: true))
            : Fourier(ops, level, features));
        var (labels, count) = Labels(ops, conditions);
        if (count > 0)
            embedding = ops.Add(embedding, Linear(ops, ops.ToWorking(ops.Scale(labels!, Math.Sqrt(count))), "map_label", features));
        embedding = Augmented(ops, embedding, conditions, slot => Start(slot, features));
        embedding = ops.Silu(Linear(ops, embedding, "map_layer0", width));
        return ops.Silu(Linear(ops, embedding, "map_layer1", width));
    }

    private static T Fourier<T>(IOps<T> ops, T level, int features)
    {
        var frequencies = ops.Unsqueeze(ops.Frozen("map_noise.freqs", Initializer.Normal(FourierScale), features / 2), 0);
        var angles = ops.MatMul(ops.Unsqueeze(ops.Scale(level, 2 * Math.PI), 1), frequencies);
        return ops.Concat(ops.Sine(angles), ops.Cosine(angles));
    }

    private T Encode<T>(IOps<T> ops, T x, T embedding, EdmBlock block, Stack<T> skips)
    {
        // The picture itself on its way down.
        var picture = x;
        for (int level = 0; level < Multipliers.Count; level++)
        {
            if (level == 0)
                x = Conv(ops, x, Level(ops, "enc", x) + "conv", Channels, KernelSize);
            else
                (x, picture) = Descend(ops, x, picture, embedding, block);
            skips.Push(x);
            for (int i = 0; i < BlocksPerLevel; i++)
            {
                x = block.Apply(ops, x, embedding, $"{Level(ops, "enc", x)}block{i}", Channels * Multipliers[level], attends: Attends(ops.Size(x, 2)));
                skips.Push(x);
            }
        }
        return x;
    }

    private (T X, T Picture) Descend<T>(IOps<T> ops, T x, T picture, T embedding, EdmBlock block)
    {
        string name = $"enc.{ops.Size(x, 2) / 2}x{ops.Size(x, 3) / 2}_";
        int channels = ops.Size(x, 1);
        x = block.Apply(ops, x, embedding, name + "down", channels, EdmBlock.Change.Halve);
        if (Encoder == EdmEncoder.Skip)
        {
            picture = FilteredResize.Halve(ops, picture, ResampleTaps);
            x = ops.Add(x, Conv(ops, picture, name + "aux_skip", channels, 1));
        }
        if (Encoder == EdmEncoder.Residual)
        {
            // Convolved wider by what the filter takes away again: no border between the two.
            var wide = Conv(ops, picture, name + "aux_residual", channels, KernelSize, KernelSize / 2 + FilteredResize.Padding(ResampleTaps));
            x = picture = ops.Scale(ops.Add(x, ops.FilterDown(wide, ResampleTaps, 2, 0)), Math.Sqrt(0.5));
        }
        return (x, picture);
    }

    private T Decode<T>(IOps<T> ops, T x, T embedding, EdmBlock block, Stack<T> skips, int answers)
    {
        T? answer = default;
        for (int level = Multipliers.Count - 1; level >= 0; level--)
        {
            bool isFirst = level == Multipliers.Count - 1;
            if (isFirst)
            {
                x = block.Apply(ops, x, embedding, Level(ops, "dec", x) + "in0", ops.Size(x, 1), attends: true);
                x = block.Apply(ops, x, embedding, Level(ops, "dec", x) + "in1", ops.Size(x, 1));
            }
            else
            {
                x = block.Apply(ops, x, embedding, $"dec.{2 * ops.Size(x, 2)}x{2 * ops.Size(x, 3)}_up", ops.Size(x, 1), EdmBlock.Change.Double);
            }
            string name = Level(ops, "dec", x);
            for (int i = 0; i <= BlocksPerLevel; i++)
                x = block.Apply(ops, ops.Concat(x, skips.Pop()), embedding, $"{name}block{i}", Channels * Multipliers[level], attends: i == BlocksPerLevel && Attends(ops.Size(x, 2)));
            if (Decoder == EdmDecoder.Standard && level > 0)
                continue;
            var normal = ops.GroupNormSilu(x, name + "aux_norm", EdmBlock.Groups(ops.Size(x, 1)), Epsilon);
            var part = ops.Conv2d(normal, name + "aux_conv", answers, KernelSize, initializer: StartLast(ops.Size(x, 1) * KernelSize * KernelSize, answers * KernelSize * KernelSize));
            answer = isFirst || Decoder == EdmDecoder.Standard ? part : ops.Add(part, FilteredResize.Double(ops, answer!, ResampleTaps));
        }
        return answer!;
    }
}
