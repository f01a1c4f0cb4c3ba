namespace Microsoft.ML.Diffusion;

/// <summary>
/// TabDDPM's denoiser for tables (Kotelnikov et al. 2023, arXiv:2209.15421): linear layers with ReLU (Gorishniy et al. 2021, arXiv:2106.11959) over the row and what level and labels add to it.
/// Parameter names are those of <c>MLPDiffusion</c> of yandex-research/tab-ddpm. Its residual kin, with layer instead of batch normalisation so that rows do not depend on each other, is
/// <see cref="ResidualMlp"/>.
/// </summary>
/// <remarks>A missing label adds nothing. Takes vectors. Immutable and thread safe. Told the timestep of the schedule.</remarks>
public sealed class TabularMlp : Network
{
    /// <summary>The widths of the hidden layers (<c>d_layers</c>): one to sixteen. 256, 256 unless given.</summary>
    public IReadOnlyList<int> Widths { get; init => field = Accept.Widths(value, this, most: 16); } = [256, 256];

    /// <summary>The width of what the first layer sees (<c>dim_t</c>); at least 4. 128 unless given.</summary>
    public int EmbeddingWidth
    {
        get;
        init => field = Accept.Width(value, this, least: 4);
    } = 128;

    /// <summary>The probability of zeroing a hidden value in training; in [0, 1). 0 unless given.</summary>
    public double Dropout { get; init => field = Accept.Rate(value, this); }

    /// <summary>Two layers of width 256: about 0.14 million parameters.</summary>
    public static TabularMlp Default => new();

    /// <inheritdoc/>
    public override LevelInput DefaultLevelInput(NoiseSchedule schedule) => KnownLevelInputs.Timestep(schedule);

    /// <inheritdoc/>
    public override void Validate(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Dimensions.Count != 1)
            throw new ArgumentException($"TabularMlp takes vectors [length], got {shape}.", nameof(shape));
    }

    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(conditions);
        var features = ops.ToWorking(ops.Sinusoids(level, new SinusoidalEmbedding(EmbeddingWidth)));
        var h = ops.Linear(ops.Silu(ops.Linear(features, "time_embed.0", EmbeddingWidth)), "time_embed.2", EmbeddingWidth);
        for (int i = 0; i < conditions.Count; i++)
            h = ops.Add(h, Label(ops, conditions[i], i == 0 ? "label_emb" : $"label_emb_{i}"));
        h = ops.Add(ops.Linear(ops.ToWorking(x), "proj", EmbeddingWidth), h);
        for (int i = 0; i < Widths.Count; i++)
        {
            h = ops.Relu(ops.Linear(h, $"mlp.blocks.{i}.linear", Widths[i]));
            if (Dropout > 0)
                h = ops.Dropout(h, Dropout);
        }
        return ops.ToFloat32(ops.Linear(h, "mlp.head", ops.Size(x, 1)));
    }

    private T Label<T>(IOps<T> ops, Condition<T> condition, string name)
    {
        if (condition.Slot is ClassCondition classes)
            return ops.Silu(ClassTable.Look(ops, condition.Value, name + ".weight", classes.Count, EmbeddingWidth, hasMissing: false, Initializer.Normal(1)));
        var value = ops.Reshape(condition.Value, condition.Slot.Width);
        return ops.Multiply(ops.Silu(ops.Linear(ops.ToWorking(value), name, EmbeddingWidth)), ops.ToWorking(condition.Present));
    }
}
