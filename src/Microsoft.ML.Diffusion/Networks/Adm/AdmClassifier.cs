namespace Microsoft.ML.Diffusion;

/// <summary>
/// The classifier of noisy pictures that guides ADM (Dhariwal and Nichol 2021, arXiv:2105.05233, section 4): <c>EncoderUNetModel</c> of openai/guided-diffusion. Answers with a logit a class.
/// </summary>
/// <remarks>Takes no conditions. Immutable and thread safe. Told the timestep of the schedule.</remarks>
public sealed class AdmClassifier : AdmNetwork
{
    private const int HiddenFeatures = 2048;

    /// <summary>A classifier of width 128, multipliers 1, 2, 4, 8, two blocks a level, and no attention but in the middle.</summary>
    public AdmClassifier()
        : base(128, [1, 2, 4, 8], [])
    {
    }

    /// <summary>The number of classes; at least 2. 10 unless given.</summary>
    public int Classes
    {
        get;
        init => field = Accept.Answers(value, this, least: 2);
    } = 10;

    /// <summary>How it comes from places to classes (<c>pool</c>). The mean of places unless given.</summary>
    public ClassifierPool Pool { get; init => field = Accept.Defined(value, this); }

    /// <summary>A classifier for minutes of training on a CPU: about 0.46 million parameters.</summary>
    public static AdmClassifier Small => new() { Channels = 32, Multipliers = [1, 2, 2], BlocksPerLevel = 1, HeadChannels = 32 };

    /// <inheritdoc/>
    public override DataShape AnswerShape(DataShape shape) => new(Classes);

    /// <inheritdoc/>
    public override void Validate(DataShape shape)
    {
        base.Validate(shape);
        if (Pool == ClassifierPool.Attention && HeadChannels is null)
            throw new ArgumentException("AdmClassifier: the pool Attention needs HeadChannels.", nameof(shape));
    }

    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        if (conditions.Count > 0)
            throw new NotSupportedException($"AdmClassifier takes no conditions, got {conditions[0].Slot}.");
        var embedding = ops.Silu(EmbedLevel(ops, level));
        bool takesFeatures = Pool is ClassifierPool.Features or ClassifierPool.NormalisedFeatures;
        List<T> features = [];
        var h = Middle(ops, Encode(ops, ops.ToWorking(x), embedding, Keep), embedding);
        Keep(h);
        return ops.ToFloat32(Pool switch
        {
            ClassifierPool.Mean => ops.Reshape(ops.Conv2d(MeanOfPlaces(ops, ops.GroupNormSilu(h, "out.0", Groups)), "out.3", Classes, 1, initializer: Initializer.Zeros), Classes),
            ClassifierPool.Attention => Attended(ops, ops.GroupNormSilu(h, "out.0", Groups)),
            ClassifierPool.Features => ops.Linear(ops.Relu(ops.Linear(Joined(ops, features), "out.0", HiddenFeatures)), "out.2", Classes),
            _ => ops.Linear(ops.GroupNormSilu(ops.Linear(Joined(ops, features), "out.0", HiddenFeatures), "out.1", Groups), "out.3", Classes),
        });

        void Keep(T value)
        {
            if (takesFeatures)
                features.Add(ops.Reshape(MeanOfPlaces(ops, value), ops.Size(value, 1)));
        }
    }

    private static T MeanOfPlaces<T>(IOps<T> ops, T x) => ops.Mean(ops.Mean(x, 3), 2);

    private static T Joined<T>(IOps<T> ops, List<T> features)
    {
        var all = features[0];
        foreach (var part in features.Skip(1))
            all = ops.Concat(all, part);
        return all;
    }

    // CLIP's attention pool: the mean of all places is a further place, whose answer counts.
    private T Attended<T>(IOps<T> ops, T x)
    {
        int channels = ops.Size(x, 1), places = ops.Size(x, 2) * ops.Size(x, 3);
        var tokens = ops.Reshape(x, channels, places);
        tokens = ops.Concat(ops.Mean(tokens, 2), tokens, 2);
        var positions = ops.Parameter("out.2.positional_embedding", Initializer.Normal(1 / Math.Sqrt(channels)), channels, places + 1);
        tokens = ops.Add(tokens, ops.Unsqueeze(positions, 0));
        var all = ops.Conv1d(tokens, "out.2.qkv_proj", 3 * channels, 1);
        var attended = new StackedAttention(channels / HeadChannels!.Value, PartsFirst: true).Attend(ops, all);
        return ops.Reshape(ops.Slice(ops.Conv1d(attended, "out.2.c_proj", Classes, 1), 2, 0, 1), Classes);
    }
}
