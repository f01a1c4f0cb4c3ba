using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The U-Nets of Hugging Face diffusers: UNet2DModel (Ho et al. 2020, arXiv:2006.11239) and UNet2DConditionModel (Rombach et al. 2022, arXiv:2112.10752), with their arithmetic and parameter
/// names, so that weights travel both ways. Attention by level; conditions are classes, vectors, and sequences of tokens that the picture attends to.
/// </summary>
/// <remarks>
/// Takes a class (a table with a row a class; a missing class adds nothing) or a vector, and, where a level has cross attention, a sequence. Sizes are halved
/// rounding up, and come back to the size of the skip. It is told the timestep of the schedule unless the trainer is told otherwise. Immutable and thread safe.
/// </remarks>
public sealed partial class DiffusersUNet : Network
{
    /// <summary>The width of each level, from full size down; one to eight multiples of <see cref="Groups"/>. 32, 64, 128 unless given.</summary>
    public IReadOnlyList<int> Channels { get; init => field = Accept.Widths(value, this); } = [32, 64, 128];

    /// <summary>The number of residual blocks of each level on the way down, or one number for all; one more on the way up. 2 unless given.</summary>
    public IReadOnlyList<int> Layers { get; init => field = Accept.Levels(value, this); } = [2];

    /// <summary>What each level does on the way down, or one for all. <see cref="UNetStage.Residual"/> unless given.</summary>
    public IReadOnlyList<UNetStage> Down { get; init => field = Stages(value, nameof(Down)); } = [UNetStage.Residual];

    /// <summary>What each level does on the way up, the smallest size first; the same as on the way down where there is none, as unless given.</summary>
    public IReadOnlyList<UNetStage> Up { get; init => field = value is { Count: 0 } ? [] : Stages(value, nameof(Up)); } = [];

    /// <summary>The middle. <see cref="UNetMiddle.Attention"/> unless given.</summary>
    public UNetMiddle Middle { get; init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Middle), value, "Not a middle of a U-Net."); } = UNetMiddle.Attention;

    /// <summary>The width of a head of each level with attention to itself, or one number for all; one head of a level's width where there is none. 8 unless given.</summary>
    public IReadOnlyList<int> HeadWidths { get; init => field = Accept.Numbers(value, this, 0, 8, Accept.MostWidth); } = [8];

    /// <summary>The number of heads of each level with cross attention, or one number for all; divides the level's width. 8 unless given.</summary>
    public IReadOnlyList<int> CrossHeads { get; init => field = Accept.Levels(value, this); } = [8];

    /// <summary>The number of transformer blocks after each residual block of a level with cross attention, or one number for all. 1 unless given.</summary>
    public IReadOnlyList<int> TransformerBlocks { get; init => field = Accept.Levels(value, this); } = [1];

    /// <summary>Whether the transformer blocks of each level attend to the condition alone, or one answer for all. Not unless given; the middle always attends to both.</summary>
    public IReadOnlyList<bool> OnlyCross
    {
        get;
        init => field = value is { Count: >= 1 } ? [.. value] : throw new ArgumentException("There must be an answer for each level, or one for all.", nameof(OnlyCross));
    } = [false];

    /// <summary>Whether linear layers stand around transformer blocks, instead of convolutions of size 1. Not unless given.</summary>
    public bool LinearProjections { get; init; }

    /// <summary>The width to which a linear layer first takes the tokens of a sequence; their own without a layer where null, as unless given.</summary>
    public int? ContextWidth { get; init => field = value is null ? null : Accept.Width(value.Value, this); }

    /// <summary>The number of groups of group normalisation. 32 unless given.</summary>
    public int Groups { get; init => field = Accept.Width(value, this); } = 32;

    /// <summary>The number of groups of the normalisation before the attention in the middle; 0 for none. Where null, as unless given: <see cref="Groups"/>, and none if <see cref="ScalesAndShifts"/>.</summary>
    public int? MiddleGroups { get; init => field = value is null ? null : Accept.Width(value.Value, this, least: 0); }

    /// <summary>Added to the variances of group normalisation; positive. 1e-5 unless given.</summary>
    public double Epsilon { get; init => field = PositiveNumber(value, nameof(Epsilon)); } = 1e-5;

    /// <summary>What the sums of the middle's blocks are divided by; positive. 1 unless given.</summary>
    public double MiddleDivisor { get; init => field = PositiveNumber(value, nameof(MiddleDivisor)); } = 1;

    /// <summary>Whether level and conditions scale and shift features, instead of shifting them alone. Not unless given.</summary>
    public bool ScalesAndShifts { get; init; }

    /// <summary>Whether the sines of the level stand before the cosines. Not unless given.</summary>
    public bool SinesFirst { get; init; }

    /// <summary>1 where the lowest frequency of these is 1/10000 itself; in [0, 1]. 0 unless given.</summary>
    public double FrequencyShift { get; init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(FrequencyShift), value, "The shift of frequencies lies in [0, 1]."); }

    /// <summary>The width of what blocks are told; four times that of the first level where null, as unless given.</summary>
    public int? EmbeddingWidth { get; init => field = value is null ? null : Accept.Width(value.Value, this); }

    /// <summary>How a condition that is a vector is added. <see cref="VectorEmbedding.TwoLayers"/> unless given.</summary>
    public VectorEmbedding Vectors { get; init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Vectors), value, "Not a way to embed a vector."); }

    /// <summary>Whether what class and vector say stands beside what the level says, instead of being added to it. Not unless given.</summary>
    public bool Concatenates { get; init; }

    /// <summary>Whether the network first takes x to 2x − 1. Not unless given.</summary>
    public bool CentersInput { get; init; }

    /// <summary>The zeros around a picture that is halved: 1 on all sides, or 0 for zeros below and to the right alone. 1 unless given.</summary>
    public int DownPadding { get; init => field = value is 0 or 1 ? value : throw new ArgumentOutOfRangeException(nameof(DownPadding), value, "The padding is 0 or 1."); } = 1;

    /// <summary>Whether levels with attention to themselves are halved within a residual block, instead of by a convolution. Not unless given.</summary>
    public bool ResidualDown { get; init; }

    /// <summary>Whether levels with attention to themselves are doubled within a residual block, instead of by a convolution. Not unless given.</summary>
    public bool ResidualUp { get; init; }

    /// <summary>The odd kernel size of the first convolution. 3 unless given.</summary>
    public int InputKernel { get; init => field = Odd(value); } = 3;

    /// <summary>The odd kernel size of the last convolution. 3 unless given.</summary>
    public int OutputKernel { get; init => field = Odd(value); } = 3;

    /// <summary>The number of channels of the answer; those of a sample where null, as unless given, twice as many where it <see cref="WithVariance"/>.</summary>
    public int? OutputChannels { get; init => field = value is null ? null : Accept.Width(value.Value, this); }

    /// <summary>Whether the answer also says the variance of reverse steps (<see cref="LearnsVariance"/>), in as many channels again. Not unless given.</summary>
    public bool WithVariance { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool LearnsVariance => WithVariance;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool AttendsToSequences => Crosses;

    /// <summary>The probability of zeroing a value in each residual block in training; in [0, 1). 0 unless given.</summary>
    public double Dropout { get; init => field = value is >= 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(Dropout), value, "Dropout lies in [0, 1)."); }

    /// <inheritdoc/>
    public override LevelInput DefaultLevelInput(NoiseSchedule schedule) => KnownLevelInputs.Timestep(schedule);

    /// <summary>Whether a level or the middle attends to a sequence of conditions.</summary>
    internal bool Crosses => Middle == UNetMiddle.CrossAttention || Enumerable.Range(0, Channels.Count).Any(level => DownStage(level) == UNetStage.CrossAttention || UpStage(level) == UNetStage.CrossAttention);

    /// <inheritdoc/>
    public override void Validate(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (!shape.IsImage)
            throw new ArgumentException($"DiffusersUNet takes pictures [channels, height, width], got {shape}. For vectors use {nameof(ResidualMlp)}.", nameof(shape));
        int levels = Channels.Count, least = (1 << (levels - 1)) / 2 + 1;
        if (levels > 1 && (shape.Dimensions[1] < least || shape.Dimensions[2] < least))
            throw new ArgumentException($"DiffusersUNet with {levels} levels takes at least {least} × {least} pixels, got {shape}. Use fewer {nameof(Channels)}.", nameof(shape));
        CheckCount(Layers.Count, nameof(Layers));
        CheckCount(Down.Count, nameof(Down));
        CheckCount(Math.Max(Up.Count, 1), nameof(Up));
        CheckCount(Math.Max(HeadWidths.Count, 1), nameof(HeadWidths));
        CheckCount(CrossHeads.Count, nameof(CrossHeads));
        CheckCount(TransformerBlocks.Count, nameof(TransformerBlocks));
        CheckCount(OnlyCross.Count, nameof(OnlyCross));
        for (int level = 0; level < levels; level++)
            CheckLevel(level, [DownStage(level), UpStage(level), level == levels - 1 ? MiddleStage : UNetStage.Residual]);
    }

    private void CheckLevel(int level, UNetStage[] stages)
    {
        int channels = Channels[level];
        if (channels % Groups != 0)
            throw Unfit($"the {channels} channels of level {level} are not divisible by {nameof(Groups)} {Groups}");
        if (stages.Contains(UNetStage.Attention) && HeadWidth(level) > channels)
            throw Unfit($"level {level} attends, but its {channels} channels are fewer than one of the {nameof(HeadWidths)}, {HeadWidth(level)}");
        if (stages.Contains(UNetStage.CrossAttention) && channels % At(CrossHeads, level) != 0)
            throw Unfit($"level {level} has cross attention, but its {channels} channels are not divisible by {nameof(CrossHeads)} {At(CrossHeads, level)}");
    }

    private void CheckCount(int count, string name)
    {
        if (count != 1 && count != Channels.Count)
            throw Unfit($"{nameof(Channels)} has {Channels.Count} levels, but {name} has {count} values; give one, or one for each level");
    }

    private UNetStage MiddleStage => Middle switch
    {
        UNetMiddle.Attention => UNetStage.Attention,
        UNetMiddle.CrossAttention => UNetStage.CrossAttention,
        _ => UNetStage.Residual,
    };

    private UNetStage DownStage(int level) => At(Down, level);

    // Listed from the smallest size.
    private UNetStage UpStage(int level) => Up.Count == 0 ? DownStage(level) : At(Up, Up.Count - 1 - level);

    private int HeadWidth(int level) => HeadWidths.Count == 0 ? Channels[level] : At(HeadWidths, level);

    private static TValue At<TValue>(IReadOnlyList<TValue> values, int level) => values[values.Count == 1 ? 0 : level];

    private static ArgumentException Unfit(string what) => new($"DiffusersUNet: {what}.");

    private static IReadOnlyList<UNetStage> Stages(IReadOnlyList<UNetStage> value, string name) => value is { Count: >= 1 } && value.All(Enum.IsDefined)
        ? [.. value]
        : throw new ArgumentException($"DiffusersUNet.{name} is one stage for each level, or one for all, got [{string.Join(", ", value ?? [])}].", name);

    private static double PositiveNumber(double value, string name)
        => value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, $"DiffusersUNet.{name} is positive.");

    private int Odd(int value, [CallerMemberName] string name = "") => value % 2 == 1 ? Accept.Repeats(value, this, option: name) : throw new ArgumentOutOfRangeException(name, value, $"DiffusersUNet.{name} is odd and positive.");
}
