namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The peak, then down as 1/√t (Karras et al. 2024, arXiv:2312.02696, eq. 67): for runs whose end nobody knows yet.</summary>
/// <param name="reference">The fraction of the run after which the rate falls, in (0, 1]. 0.1 unless given.</param>
public sealed class InverseSquareRootCourse(double reference = 0.1) : LearningRateCourse
{
    /// <summary>The fraction of the run after which the rate falls.</summary>
    public double Reference { get; } = Check(reference, double.Epsilon, 1, nameof(reference));

    /// <inheritdoc/>
    public override double At(double fraction) => fraction > Reference ? Math.Sqrt(Reference / fraction) : 1;
}
