namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Half a cosine, from the peak down to the end of the run (Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5, one cycle).</summary>
/// <param name="end">The part of the peak that is left at the end, in [0, 1]. 0 unless given.</param>
public sealed class CosineCourse(double end = 0) : LearningRateCourse
{
    /// <summary>The part of the peak that is left at the end.</summary>
    public double End { get; } = Check(end, 0, 1, nameof(end));

    /// <inheritdoc/>
    public override double At(double fraction) => End + (1 - End) * (1 + Math.Cos(Math.PI * Math.Clamp(fraction, 0, 1))) / 2;
}
