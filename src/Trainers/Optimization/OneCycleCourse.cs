namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Up by half a cosine, then down by another one (Smith and Topin 2018, arXiv:1708.07120; PyTorch's OneCycleLR). Brings its own warm-up: set that of the options to 0.</summary>
/// <param name="rise">The fraction of the run over which the rate rises, in [0, 1]. 0.3 unless given.</param>
/// <param name="start">The part of the peak at the start, in [0, 1]. 1/25 unless given.</param>
/// <param name="end">The part of the peak at the end, in [0, 1]. 4e-6 unless given.</param>
public sealed class OneCycleCourse(double rise = 0.3, double start = 0.04, double end = 4e-6) : LearningRateCourse
{
    /// <summary>The fraction of the run over which the rate rises.</summary>
    public double Rise { get; } = Check(rise, 0, 1, nameof(rise));

    /// <summary>The part of the peak at the start.</summary>
    public double Start { get; } = Check(start, 0, 1, nameof(start));

    /// <summary>The part of the peak at the end.</summary>
    public double End { get; } = Check(end, 0, 1, nameof(end));

    /// <inheritdoc/>
    public override double At(double fraction) => fraction < Rise
        ? Between(Start, 1, fraction / Rise)
        : Between(1, End, Rise < 1 ? Math.Min(1, (fraction - Rise) / (1 - Rise)) : 1);

    private static double Between(double from, double to, double part) => to + (from - to) * (1 + Math.Cos(Math.PI * part)) / 2;
}
