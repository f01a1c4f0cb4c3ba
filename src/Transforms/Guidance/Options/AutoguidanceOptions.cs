namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How autoguidance works. The scale is 2 unless set.</summary>
public sealed class AutoguidanceOptions : ScaledGuidanceOptions
{
    /// <summary>The defaults.</summary>
    public AutoguidanceOptions()
        : base(2)
    {
    }
}
