namespace Microsoft.ML.Diffusion;

/// <summary>
/// What the U-Net and the noisy classifier of Dhariwal and Nichol 2021 (arXiv:2105.05233) have in common: the way down and the middle. Parameter names and arithmetic are those of
/// openai/guided-diffusion. Takes pictures whose sizes can be halved <c>levels − 1</c> times. Told the timestep of the schedule.
/// </summary>
public abstract class AdmNetwork : Network
{
    private protected const int KernelSize = 3;
    private protected const int Groups = 32;

    internal AdmNetwork(int channels, IReadOnlyList<double> multipliers, IReadOnlyList<int> attentionFactors)
    {
        Channels = channels;
        Multipliers = multipliers;
        AttentionFactors = attentionFactors;
    }

    /// <summary>The unit of widths (<c>model_channels</c>).</summary>
    public int Channels { get; init => field = Accept.Width(value, this); }

    /// <summary>The width of each level in units of <see cref="Channels"/> (<c>channel_mult</c>): one to eight positive numbers, whose products are multiples of 32.</summary>
    public IReadOnlyList<double> Multipliers
    {
        get;
        init => field = value is { Count: >= 1 and <= 8 } && value.All(factor => factor > 0 && factor <= Accept.MostRepeats)
            ? [.. value]
            : throw new ArgumentException($"{GetType().Name}.Multipliers has 1 to 8 positive numbers, got [{string.Join(", ", value ?? [])}].", nameof(Multipliers));
    }

    /// <summary>The number of residual blocks at each level on the way down (<c>num_res_blocks</c>). 2 unless given.</summary>
    public int BlocksPerLevel { get; init => field = Accept.Repeats(value, this); } = 2;

    /// <summary>The levels whose blocks attend, by how much the picture is smaller there: 1, 2, 4, … (<c>attention_resolutions</c>). The middle always attends.</summary>
    public IReadOnlyList<int> AttentionFactors { get; init => field = Accept.Positives(value, this); }

    /// <summary>The probability of zeroing a value in each residual block in training; in [0, 1). 0 unless given.</summary>
    public double Dropout { get; init => field = Accept.Rate(value, this); }

    /// <summary>The number of heads, where <see cref="HeadChannels"/> is null. 1 unless given.</summary>
    public int Heads { get; init => field = Accept.Repeats(value, this); } = 1;

    /// <summary>The width of a head (<c>num_head_channels</c>); null to have as many as <see cref="Heads"/>. Null unless given.</summary>
    public int? HeadChannels { get; init => field = value is { } width ? Accept.Width(width, this) : null; }

    /// <summary>Whether level and conditions scale and shift, instead of shifting alone (<c>use_scale_shift_norm</c>). True unless given.</summary>
    public bool ScalesAndShifts { get; init; } = true;

    /// <summary>Whether residual blocks halve and double the size (<c>resblock_updown</c>). False unless given.</summary>
    public bool ResidualResize { get; init; }

    /// <summary>Whether a convolution halves and doubles the size, where no residual block does; else means and copies (<c>conv_resample</c>). True unless given.</summary>
    public bool ConvolvedResize { get; init; } = true;

    /// <summary>Whether queries, keys and values are cut apart before heads are (<c>use_new_attention_order</c>). False unless given.</summary>
    public bool NewAttentionOrder { get; init; }

    /// <inheritdoc/>
    public override LevelInput DefaultLevelInput(NoiseSchedule schedule) => KnownLevelInputs.Timestep(schedule);

    /// <inheritdoc/>
    public override void Validate(DataShape shape)
    {
        Accept.Pictures(shape, this, Multipliers.Count - 1);
        string name = GetType().Name;
        for (int i = 0; i < Multipliers.Count; i++)
        {
            int width = WidthOf(i);
            if (width == 0 || width % Groups != 0)
                throw new ArgumentException($"{name}: level {i} has {width} channels, which are no multiple of {Groups}.", nameof(shape));
            if ((Attends(1 << i) || i == Multipliers.Count - 1) && width % (HeadChannels ?? Heads) != 0)
                throw new ArgumentException($"{name}: level {i} attends, but its {width} channels are not divisible by {(HeadChannels is null ? "Heads" : "HeadChannels")} {HeadChannels ?? Heads}.", nameof(shape));
        }
    }

    private protected int WidthOf(int level) => checked((int)(Multipliers[level] * Channels));

    private protected bool Attends(int factor) => AttentionFactors.Contains(factor);

    private protected ResidualBlock Residual => new()
    {
        Groups = Groups,
        ScalesAndShifts = ScalesAndShifts,
        Dropout = Dropout,
        StartLast = Initializer.Zeros,
        Names = ResidualNames.GuidedDiffusion,
    };

    private protected T Attention<T>(IOps<T> ops, T x, string name, int heads) =>
        new StackedAttention(HeadChannels is { } width ? ops.Size(x, 1) / width : heads, NewAttentionOrder).Forward(ops, x, name, Groups);

    // [B, 4·Channels]: what the timestep says, before SiLU.
    private protected T EmbedLevel<T>(IOps<T> ops, T level)
    {
        int width = 4 * Channels;
        var features = ops.ToWorking(ops.Sinusoids(level, new SinusoidalEmbedding(Channels)));
        return ops.Linear(ops.Silu(ops.Linear(features, "time_embed.0", width)), "time_embed.2", width);
    }

    // The way down; each block's result is kept.
    private protected T Encode<T>(IOps<T> ops, T x, T embedding, Action<T> keep)
    {
        int block = 0;
        x = ops.Conv2d(x, "input_blocks.0.0", WidthOf(0), KernelSize);
        keep(x);
        for (int level = 0; level < Multipliers.Count; level++)
        {
            for (int i = 0; i < BlocksPerLevel; i++)
            {
                string name = $"input_blocks.{++block}";
                x = Residual.Forward(ops, x, embedding, name + ".0", WidthOf(level));
                if (Attends(1 << level))
                    x = Attention(ops, x, name + ".1", Heads);
                keep(x);
            }
            if (level == Multipliers.Count - 1)
                break;
            x = Halve(ops, x, embedding, $"input_blocks.{++block}.0");
            keep(x);
        }
        return x;
    }

    private protected T Middle<T>(IOps<T> ops, T x, T embedding)
    {
        x = Residual.Forward(ops, x, embedding, "middle_block.0", ops.Size(x, 1));
        x = Attention(ops, x, "middle_block.1", Heads);
        return Residual.Forward(ops, x, embedding, "middle_block.2", ops.Size(x, 1));
    }

    private T Halve<T>(IOps<T> ops, T x, T embedding, string name)
    {
        int channels = ops.Size(x, 1);
        return ResidualResize ? Residual.Forward(ops, x, embedding, name, channels, Resizing.Down)
            : ConvolvedResize ? ops.Conv2d(x, name + ".op", channels, KernelSize, stride: 2)
            : ops.AveragePool2d(x, 2);
    }
}
