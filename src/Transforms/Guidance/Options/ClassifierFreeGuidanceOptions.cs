namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How classifier-free guidance works. The scale is 2 unless set.</summary>
public sealed class ClassifierFreeGuidanceOptions : ScaledGuidanceOptions
{
    /// <summary>The defaults.</summary>
    public ClassifierFreeGuidanceOptions()
        : base(2)
    {
    }

    /// <summary>
    /// Conditions with scales of their own, by the name of their column in training, in the order in which they join (arXiv:2211.09800, eq. 3); the others have <see cref="ScaledGuidanceOptions.Scale"/>. Each costs a
    /// version more of every row. None unless set.
    /// </summary>
    public IReadOnlyList<ConditionScale> Conditions { get; set; } = [];

    /// <summary>Columns of Single with each row's own scale of a condition, by the condition's name; one of <see cref="Conditions"/>. None unless set.</summary>
    public IReadOnlyDictionary<string, string> ConditionScaleColumns { get; set; } = new Dictionary<string, string>();

    /// <summary>
    /// Columns with negatives, by the name of the condition: values to go away from (negative prompts), of the condition column's type; a missing value means none. None unless set.
    /// </summary>
    public IReadOnlyDictionary<string, string> NegativeColumns { get; set; } = new Dictionary<string, string>();

    /// <summary>φ in [0, 1]: how much of the conditional answer's standard deviation each row gets back (arXiv:2305.08891). 0 unless set; the paper has 0.7.</summary>
    public double Rescale { get; set; }

    /// <summary>The quantile of dynamic thresholding of guided rows, in (0, 1] (arXiv:2205.11487); for data in [−1, 1], the paper has 0.995. None unless set.</summary>
    public double? Threshold { get; set; }

    internal IGuidance Guidance => Within(new ClassifierFreeGuidance(Scale) { Conditions = [.. Conditions], Negatives = [.. NegativeColumns.Keys], Rescale = Rescale, Threshold = Threshold });

    internal IEnumerable<GuidanceColumn> Columns =>
    [
        .. ScaleColumns,
        .. ConditionScaleColumns.Select(column => new GuidanceColumn(ClassifierFreeGuidance.ScaleInputOf(column.Key), column.Value)),
        .. NegativeColumns.Select(column => new GuidanceColumn(ClassifierFreeGuidance.NegativeInputOf(column.Key), column.Value)),
    ];
}
