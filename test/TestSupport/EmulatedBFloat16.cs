namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>Lets bf16 run on any processor until it is disposed: slowly, with the same rounding.</summary>
public sealed class EmulatedBFloat16 : IDisposable
{
    /// <summary>Turns the switch on.</summary>
    public EmulatedBFloat16() => AppContext.SetSwitch(PrecisionExtensions.EmulationSwitch, true);

    /// <summary>Turns the switch off.</summary>
    public void Dispose() => AppContext.SetSwitch(PrecisionExtensions.EmulationSwitch, false);
}
