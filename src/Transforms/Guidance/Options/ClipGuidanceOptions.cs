namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How CLIP guidance works. The scale is 1 unless set.</summary>
public sealed class ClipGuidanceOptions : ScaledGuidanceOptions
{
    /// <summary>The defaults.</summary>
    public ClipGuidanceOptions()
        : base(1)
    {
    }

    /// <summary>How alike two vectors are. <see cref="KnownSimilarities.Cosine"/> unless set.</summary>
    public Similarity Similarity { get; set; } = KnownSimilarities.Cosine;

    /// <summary>
    /// Whether the encoder is asked about the estimate x̂0 as clean data, through the denoiser: for encoders that know clean data alone, at about three times the cost. False, about x at its level, unless set.
    /// </summary>
    public bool OfEstimate { get; set; }

    /// <summary>How the gradient moves the estimate; see <see cref="ClassifierGuidanceOptions.Shift"/>. Score unless set.</summary>
    public GuidanceShift Shift { get; set; } = KnownGuidanceShifts.Score;

    internal ClipGuidanceOptions Copy() => (ClipGuidanceOptions)MemberwiseClone();
}
