namespace Microsoft.ML.Diffusion;

/// <summary>The checks of what correctors are told.</summary>
internal static class CorrectorOptions
{
    // Ten times those of the longest published run. Plans hold every step.
    private const int MostSteps = 10_000;

    /// <summary>The signal-to-noise ratio as given.</summary>
    public static double CheckSnr(double snr)
        => snr > 0 && double.IsFinite(snr) ? snr : throw new ArgumentOutOfRangeException(nameof(snr), snr, "The signal-to-noise ratio must be positive and finite.");

    /// <summary>The number of steps a level as given.</summary>
    public static int CheckSteps(int steps)
        => steps is >= 1 and <= MostSteps ? steps : throw new ArgumentOutOfRangeException(nameof(steps), steps, $"A level needs at least 1 step, and takes at most {MostSteps}.");
}
