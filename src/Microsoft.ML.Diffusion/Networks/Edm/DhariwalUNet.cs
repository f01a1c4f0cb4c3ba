namespace Microsoft.ML.Diffusion;

/// <summary>
/// ADM (Dhariwal and Nichol 2021, arXiv:2105.05233) as Karras et al. 2022 (arXiv:2206.00364, Table 7) have it: <c>DhariwalUNet</c> of the reference, whose arithmetic and parameter names
/// these are. Heads are 64 channels wide; levels narrower than that do not attend. Takes pictures whose sizes can be halved <c>levels − 1</c> times.
/// </summary>
/// <remarks>Immutable and thread safe. Told ln(σ/α)/4, with EDM's parameterization.</remarks>
public sealed class DhariwalUNet : EdmUNet
{
    private const int KernelSize = 3;
    private const int HeadChannels = 64;
    private const double Epsilon = 1e-5;

    private static readonly double[] Box = [1, 1];

    /// <summary>A network with the reference's defaults: width 192, multipliers 1, 2, 3, 4, three blocks a level, attention at heights 32, 16 and 8.</summary>
    public DhariwalUNet()
        : base(192, [1, 2, 3, 4], 3, [32, 16, 8])
    {
    }

    /// <summary>ADM as EDM trains it on ImageNet: about 296 million parameters for 3×64×64 and 1000 classes.</summary>
    public static DhariwalUNet Adm => new();

    /// <summary>ADM for minutes of training on a CPU: about 1.3 million parameters.</summary>
    public static DhariwalUNet Small => new() { Channels = 32, Multipliers = [1, 2, 2], BlocksPerLevel = 1, AttentionSizes = [], Dropout = 0 };

    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        var embedding = Embed(ops, level, conditions);
        int answers = AnswerChannels(ops, x), levels = Multipliers.Count;
        var block = new EdmBlock(
            Dropout, 1, Epsilon, Box, ProjectsSkip: false, Modulates: true, channels => channels / HeadChannels, (_, _) => null, (_, _) => Initializer.Zeros, (_, _) => null);
        var skips = new Stack<T>();
        var h = ops.Conv2d(ops.ToWorking(x), Level(ops, "enc", x) + "conv", Channels * Multipliers[0], KernelSize);
        skips.Push(h);
        for (int i = 0; i < levels; i++)
        {
            if (i > 0)
            {
                h = block.Apply(ops, h, embedding, $"enc.{ops.Size(h, 2) / 2}x{ops.Size(h, 3) / 2}_down", ops.Size(h, 1), EdmBlock.Change.Halve);
                skips.Push(h);
            }
            for (int j = 0; j < BlocksPerLevel; j++)
            {
                h = block.Apply(ops, h, embedding, $"{Level(ops, "enc", h)}block{j}", Channels * Multipliers[i], attends: Attends(ops.Size(h, 2)));
                skips.Push(h);
            }
        }
        h = block.Apply(ops, h, embedding, Level(ops, "dec", h) + "in0", ops.Size(h, 1), attends: true);
        h = block.Apply(ops, h, embedding, Level(ops, "dec", h) + "in1", ops.Size(h, 1));
        for (int i = levels - 1; i >= 0; i--)
        {
            if (i < levels - 1)
                h = block.Apply(ops, h, embedding, $"dec.{2 * ops.Size(h, 2)}x{2 * ops.Size(h, 3)}_up", ops.Size(h, 1), EdmBlock.Change.Double);
            for (int j = 0; j <= BlocksPerLevel; j++)
                h = block.Apply(ops, ops.Concat(h, skips.Pop()), embedding, $"{Level(ops, "dec", h)}block{j}", Channels * Multipliers[i], attends: Attends(ops.Size(h, 2)));
        }
        h = ops.GroupNormSilu(h, "out_norm", EdmBlock.Groups(ops.Size(h, 1)), Epsilon);
        return ops.ToFloat32(ops.Conv2d(h, "out_conv", answers, KernelSize, initializer: Initializer.Zeros));
    }

    private T Embed<T>(IOps<T> ops, T level, IReadOnlyList<Condition<T>> conditions)
    {
        int width = Channels * EmbeddingMultiplier;
        var embedding = Augmented(ops, ops.ToWorking(ops.Sinusoids(level, new SinusoidalEmbedding(Channels))), conditions, _ => Initializer.Zeros);
        embedding = ops.Linear(ops.Silu(ops.Linear(embedding, "map_layer0", width)), "map_layer1", width);
        var (labels, count) = Labels(ops, conditions);
        if (count > 0)
            embedding = ops.Add(embedding, ops.Linear(ops.ToWorking(labels!), "map_label", width, Initializer.Normal(1), bias: false));
        return ops.Silu(embedding);
    }
}
