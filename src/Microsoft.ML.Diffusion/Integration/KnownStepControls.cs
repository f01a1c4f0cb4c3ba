namespace Microsoft.ML.Diffusion;

/// <summary>Ready step controls.</summary>
public static class KnownStepControls
{
    /// <summary>SciPy's: never beyond the end.</summary>
    public static StepControl Clipped { get; } = new ClippedStepControl();

    /// <summary>torchdiffeq's: past the end, and interpolated.</summary>
    public static StepControl Interpolated { get; } = new InterpolatedStepControl();
}
