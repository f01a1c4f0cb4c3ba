namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The peak, then linearly down to 0 at the end ("warm-up, stable, decay"; Hägele et al. 2024, arXiv:2405.18392).</summary>
/// <param name="decay">The fraction of the run, at its end, over which the rate falls, in [0, 1]; 0 for none. 0.3 unless given.</param>
public sealed class LinearDecayCourse(double decay = 0.3) : LearningRateCourse
{
    /// <summary>The fraction of the run over which the rate falls.</summary>
    public double Decay { get; } = Check(decay, 0, 1, nameof(decay));

    /// <inheritdoc/>
    public override double At(double fraction) => Decay > 0 ? Math.Clamp((1 - fraction) / Decay, 0, 1) : 1;
}
