namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How conditions are composed.</summary>
public sealed class CompositionOptions : GuidanceOptions
{
    /// <summary>How much a row's own conditions count; finite. 1 unless set.</summary>
    public double Weight { get; set; } = 1;

    /// <summary>A column of Single with each row's own weight; <see cref="Weight"/> where it is NaN, or not in the data. None unless set.</summary>
    public string? WeightColumn { get; set; }

    /// <summary>Further values of the conditions.</summary>
    public IReadOnlyList<CompositionTerm> Terms { get; set; } = [];

    internal IGuidance Guidance => Within(new CompositionGuidance([.. Terms.Select((term, i) => new ConditionTerm(NameOf(i), [.. term.Columns.Keys], term.Weight))], Weight));

    internal IEnumerable<GuidanceColumn> Columns =>
    [
        .. WeightColumn is null ? [] : new[] { new GuidanceColumn(CompositionGuidance.WeightInput, WeightColumn) },
        .. Terms.SelectMany((term, i) => term.Columns.Select(column => new GuidanceColumn(ConditionTerm.ValueInputOf(NameOf(i), column.Key), column.Value))),
        .. Terms.SelectMany((term, i) => term.WeightColumn is null ? [] : new[] { new GuidanceColumn(ConditionTerm.WeightInputOf(NameOf(i)), term.WeightColumn) }),
    ];

    private static string NameOf(int term) => FormattableString.Invariant($"term {term + 1}");
}
