namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>What guidances with a scale have in common.</summary>
public abstract class ScaledGuidanceOptions : GuidanceOptions
{
    private protected ScaledGuidanceOptions(double scale) => Scale = scale;

    /// <summary>The scale of rows that give none; finite.</summary>
    public double Scale { get; set; }

    /// <summary>A column of Single with each row's own scale; <see cref="Scale"/> where it is NaN, or not in the data. None unless set.</summary>
    public string? ScaleColumn { get; set; }

    /// <summary>The scale's column, of the name that all such guidances give its input.</summary>
    internal IEnumerable<GuidanceColumn> ScaleColumns => ScaleColumn is null ? [] : [new GuidanceColumn("Scale", ScaleColumn)];
}
