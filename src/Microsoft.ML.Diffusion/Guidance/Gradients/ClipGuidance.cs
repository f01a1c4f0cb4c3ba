using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// CLIP guidance (Nichol et al. 2022, arXiv:2112.10741, section 2.4; Crowson's k-diffusion): the gradient of the similarity between a sample's vector and the row's target, such as the embedding of
/// a text, moves the estimate. The model need not be conditional.
/// </summary>
/// <remarks>
/// An encoder that was trained on noisy data is asked about x itself. One that knows clean data alone is asked about x̂0 (<see cref="OfEstimate"/>), through the denoiser, at about three times the
/// cost of a call.
/// </remarks>
/// <param name="encoder">The side of the encoder that sees samples.</param>
/// <param name="scale">How much the similarity counts. Finite; rows may give their own.</param>
public sealed class ClipGuidance(IEncoder encoder, double scale = 1) : GradientGuidance(scale), IGuidance
{
    /// <summary>The name of the input with each row's target: a vector of the encoder's size, whatever its length. Rows without are not guided, nor are those with zeros, which point nowhere.</summary>
    public const string TargetInput = "Target";

    /// <summary>The side of the encoder that sees samples.</summary>
    public IEncoder Encoder { get; } = encoder ?? throw new ArgumentNullException(nameof(encoder));

    /// <summary>How alike two vectors are. <see cref="KnownSimilarities.Cosine"/> unless set.</summary>
    public Similarity Similarity { get; init; } = KnownSimilarities.Cosine;

    /// <summary>Whether the encoder is asked about x̂0 as clean data, instead of about x at its level. False unless set.</summary>
    public bool OfEstimate { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public IEnumerable<TrainedNetwork> Networks => Encoder.Networks;

    IEnumerable<TorchScriptFunction> IGuidance.Scripts => Encoder.Scripts;

    /// <inheritdoc/>
    public IReadOnlyList<GuidanceInput> InputsFor(DataShape shape, ConditionLayout conditions)
    {
        ArgumentNullException.ThrowIfNull(shape);
        RequireShape(Networks, shape, "The encoder");
        return [new GuidanceInput(ScaleInput, 1), new GuidanceInput(TargetInput, Encoder.Size)];
    }

    /// <inheritdoc/>
    public IDenoiser Guide(IDenoiser denoiser, int firstSlot = 0)
    {
        ArgumentNullException.ThrowIfNull(denoiser);
        ArgumentOutOfRangeException.ThrowIfNegative(firstSlot);
        return new ClipGuidedDenoiser(denoiser, this, firstSlot);
    }
}
