using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The way down and the middle of a <see cref="UNet"/>, and the mean of all places: the network of classifiers and encoders of noisy pictures (Dhariwal and Nichol 2021, arXiv:2105.05233, section 4),
/// lighter than <see cref="AdmClassifier"/>. Answers with so many numbers.
/// </summary>
/// <remarks>Immutable and thread safe. Takes the sizes that the U-Net takes.</remarks>
public sealed class HalfUNet : Network
{
    /// <summary>Half a network.</summary>
    /// <param name="answers">The number of values of the answer: the classes of a classifier, the length of an encoder's vectors; at least 1.</param>
    [JsonConstructor]
    public HalfUNet(int answers) => Answers = Accept.Answers(answers, this, option: nameof(Answers));

    /// <summary>The number of values of the answer.</summary>
    public int Answers { get; }

    /// <summary>The whole network; <see cref="UNet.Small"/> unless given.</summary>
    public UNet Whole
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Whole));
            if (value.WithVariance || value.WithSelfConditioning)
                throw new ArgumentException("Half a U-Net has neither variance nor estimates: leave WithVariance and WithSelfConditioning.", nameof(Whole));
            field = value;
        }
    }
    = UNet.Small;

    /// <inheritdoc/>
    public override DataShape AnswerShape(DataShape shape) => new(Answers);

    /// <inheritdoc/>
    public override void Validate(DataShape shape) => Whole.Validate(shape);

    /// <inheritdoc/>
    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
    {
        ArgumentNullException.ThrowIfNull(ops);
        var h = Whole.Descend(ops, x, Whole.Embed(ops, level, conditions), _ => { });
        h = ops.GroupNormSilu(h, "conv_norm_out", Whole.Groups);
        var means = ops.Reshape(ops.Mean(ops.Mean(h, 3), 2), ops.Size(h, 1));
        return ops.ToFloat32(ops.Linear(means, "linear_out", Answers));
    }
}
