namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The peak from the warm-up to the end.</summary>
public sealed class ConstantCourse : LearningRateCourse
{
    /// <inheritdoc/>
    public override double At(double fraction) => 1;
}
