using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>How the learning rate moves over a run, in parts of its peak and fractions of the run, so that it suits budgets of steps and of time alike.</summary>
/// <remarks>Immutable and thread safe. A new one is one class, and one line in the list of kinds below.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ConstantCourse), "constant")]
[JsonDerivedType(typeof(LinearDecayCourse), "linear-decay")]
[JsonDerivedType(typeof(CosineCourse), "cosine")]
[JsonDerivedType(typeof(InverseSquareRootCourse), "inverse-square-root")]
[JsonDerivedType(typeof(OneCycleCourse), "one-cycle")]
public abstract class LearningRateCourse
{
    /// <summary>The part of the peak, from 0 to 1; the warm-up of the options comes on top.</summary>
    /// <param name="fraction">How far the run is, from 0 to 1.</param>
    public abstract double At(double fraction);

    private protected static double Check(double value, double least, double greatest, string name) => value >= least && value <= greatest
        ? value
        : throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{name} must be in [{least}, {greatest}]."));
}
