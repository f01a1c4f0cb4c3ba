namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How classifier guidance works. The scale is 1 unless set.</summary>
public sealed class ClassifierGuidanceOptions : ScaledGuidanceOptions
{
    /// <summary>The defaults.</summary>
    public ClassifierGuidanceOptions()
        : base(1)
    {
    }

    /// <summary>The class of rows that give none, 1 … the classifier's number of classes. Such rows are not guided unless set.</summary>
    public int? Label { get; set; }

    /// <summary>
    /// <see cref="KnownGuidanceShifts.Score"/> for every sampler (Algorithm 2 of arXiv:2105.05233), or <see cref="KnownGuidanceShifts.Mean"/> for samplers that add noise (Algorithm 1). Score unless set.
    /// </summary>
    public GuidanceShift Shift { get; set; } = KnownGuidanceShifts.Score;
}
