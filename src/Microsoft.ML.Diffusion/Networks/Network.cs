using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// An architecture: a function over the op vocabulary, and the sizes that make it one. It holds no parameters.
/// </summary>
/// <remarks>
/// Immutable and thread safe. A new architecture is one class and one line in the list of kinds below, under which it is stored in
/// model files; outside this library, one class and one call of <see cref="Kinds.Register"/>.
/// </remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(UNet), "unet")]
[JsonDerivedType(typeof(ResidualMlp), "residual-mlp")]
[JsonDerivedType(typeof(DiffusersUNet), "diffusers-unet")]
[JsonDerivedType(typeof(SongUNet), "song-unet")]
[JsonDerivedType(typeof(DhariwalUNet), "dhariwal-unet")]
[JsonDerivedType(typeof(DiT), "dit")]
[JsonDerivedType(typeof(AdmUNet), "adm-unet")]
[JsonDerivedType(typeof(AdmClassifier), "adm-classifier")]
[JsonDerivedType(typeof(TabularMlp), "tabular-mlp")]
[JsonDerivedType(typeof(LinearAttentionUNet), "linear-attention-unet")]
[JsonDerivedType(typeof(TorchScriptNetwork), "torch-script")]
[JsonDerivedType(typeof(HalfUNet), "half-unet")]
[JsonDerivedType(typeof(ConditionEncoder), "condition-encoder")]
[JsonDerivedType(typeof(TextConditionedNetwork), "text-conditioned")]
public abstract class Network
{
    /// <summary>
    /// Whether the answer has twice the channels of x (dimension 1): first F, then the share v of the logarithm of the reverse step's variance
    /// between its bounds (Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 15).
    /// </summary>
    [JsonIgnore]
    public virtual bool LearnsVariance => false;

    /// <summary>
    /// Whether the network sees an earlier estimate x̂0 beside x: in as many channels more, behind those of x, zeros where there is none (self-conditioning; Chen et al. 2022, arXiv:2208.04202).
    /// </summary>
    [JsonIgnore]
    public virtual bool SelfConditions => false;

    /// <summary>Whether it computes in Float32 alone, whatever precision the device has. False unless overridden.</summary>
    [JsonIgnore]
    public virtual bool NeedsFloat32 => false;

    /// <summary>Whether it attends to sequences of conditions (<see cref="SequenceCondition"/>), instead of taking each as one long vector. False unless overridden.</summary>
    [JsonIgnore]
    public virtual bool AttendsToSequences => false;

    /// <summary>Whether it reads tokens (<see cref="TokensCondition"/>) itself; a text encoder is put in front of others (<see cref="TextConditionedNetwork"/>). False unless overridden.</summary>
    [JsonIgnore]
    public virtual bool ReadsTokens => false;

    /// <summary>
    /// Whether the answer to a row depends on other rows of its batch, as with statistics of batches. Then a batch of training is never computed in parts; samples depend on their neighbours. Default: false.
    /// </summary>
    [JsonIgnore]
    public virtual bool MixesRows => false;

    /// <summary>Refuses samples that the architecture can not take, before anything is allocated.</summary>
    /// <param name="shape">The shape of a sample.</param>
    /// <exception cref="ArgumentException">Names the architecture, the size got and what is accepted.</exception>
    public abstract void Validate(DataShape shape);

    /// <summary>What a network of this architecture is told about the noise level, unless its user says otherwise: <see cref="KnownLevelInputs.LogRatio"/> here.</summary>
    /// <param name="schedule">The schedule with which it is trained.</param>
    public virtual LevelInput DefaultLevelInput(NoiseSchedule schedule) => KnownLevelInputs.LogRatio;

    /// <summary>The network's answer F: [B, ...] of the <see cref="AnswerShape"/>, Float32.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="x">The scaled noisy batch [B, ...]; with twice the channels where it <see cref="SelfConditions"/>, and then those of pictures that condition it (<see cref="PictureCondition"/>).</param>
    /// <param name="level">What the network is told about the noise level of each row, a number each: [B], Float32; see <see cref="LevelInput"/>.</param>
    /// <param name="conditions">The conditions of each row, without pictures.</param>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    public abstract T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions);

    /// <summary>The shape of the answer to a sample: here that of the sample, with twice the channels where the network <see cref="LearnsVariance"/>. A classifier has another.</summary>
    /// <param name="shape">The shape of the sample.</param>
    public virtual DataShape AnswerShape(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return DenoisingShape(shape);
    }

    /// <summary>The number of channels of the answer: those of the data, twice where the network <see cref="LearnsVariance"/>; none for an estimate and for pictures that condition it.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="x">The input as the network is given it.</param>
    /// <typeparam name="T">What stands for a tensor.</typeparam>
    protected int AnswerChannels<T>(IOps<T> ops, T x)
    {
        ArgumentNullException.ThrowIfNull(ops);
        int channels = ops.Size(x, 1) - ops.PictureChannels;
        return (SelfConditions ? channels / 2 : channels) * (LearnsVariance ? 2 : 1);
    }

    /// <summary>Refuses a network that does not answer with what a denoiser needs, such as a classifier.</summary>
    /// <exception cref="ArgumentException">Its answer is of another shape.</exception>
    internal void RequireDenoiser(DataShape shape)
    {
        if (AnswerShape(shape) is var answer && !answer.Equals(DenoisingShape(shape)))
            throw new ArgumentException($"{GetType().Name} answers {answer} to samples {shape}: it is no network for denoising.", nameof(shape));
    }

    /// <summary>The length of the vector that a network answers with.</summary>
    /// <exception cref="ArgumentException">It answers with something else.</exception>
    internal static int VectorOf(Network network, DataShape shape)
        => network.AnswerShape(shape) is { Dimensions: [var size] } ? size
            : throw new ArgumentException($"{network.GetType().Name} answers {network.AnswerShape(shape)} to samples {shape}; expected a vector. Take {nameof(HalfUNet)} for pictures, or {nameof(ResidualMlp)} with {nameof(ResidualMlp.Answers)}.", nameof(network));

    private DataShape DenoisingShape(DataShape shape) => new([LearnsVariance ? 2 * shape.Dimensions[0] : shape.Dimensions[0], .. shape.Dimensions.Skip(1)]);

    /// <summary>The parameters for samples of a shape, in the order of their first use.</summary>
    /// <param name="shape">The shape of a sample.</param>
    /// <param name="conditions">The conditions of the network.</param>
    /// <exception cref="ArgumentException">The architecture can not take the shape; names the layer or size.</exception>
    public IReadOnlyList<NetworkParameter> ListParameters(DataShape shape, ConditionLayout conditions)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(conditions);
        Validate(shape);
        return NetworkProgram.Trace(this, [1, .. shape.Dimensions], NetworkSlots.Of(conditions)).Parameters;
    }

    /// <summary>The number of products that a pass over one row takes: <see cref="NetworkProgram.Products"/>.</summary>
    internal long ProductsOfRow(DataShape shape, ConditionLayout conditions) => NetworkProgram.Trace(this, [1, .. shape.Dimensions], NetworkSlots.Of(conditions)).Products;

    /// <summary>The most bytes that its values for one row take in Float32 at one time where no gradient is recorded: an upper bound, without the weights.</summary>
    internal long PeakBytes(DataShape shape, ConditionLayout conditions)
        => sizeof(float) * NetworkProgram.Trace(this, [1, .. shape.Dimensions], NetworkSlots.Of(conditions)).PeakCount;
}

/// <summary>One condition as a network sees it.</summary>
/// <param name="Slot">What it is: a class, a vector, a sequence or tokens.</param>
/// <param name="Value">The class index [B], 0 where missing; the vector [B, size], or the sequence [B, tokens, token width], zeros where missing; the indices of tokens [B, tokens], 0 where missing.</param>
/// <param name="Present">1 where present, 0 where missing: [B, 1], Float32.</param>
/// <param name="Mask">Of a sequence or tokens: 1 where a token is present, 0 where it is missing: [B, tokens], Float32.</param>
/// <typeparam name="T">What stands for a tensor.</typeparam>
public readonly record struct Condition<T>(ConditionSlot Slot, T Value, T Present, T? Mask = default);
