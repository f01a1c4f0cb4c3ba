using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>How the step of the Dormand–Prince method of order 5(4) follows the estimated error. A new one is one class and one line in the list of kinds below.</summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ClippedStepControl), "clipped")]
[JsonDerivedType(typeof(InterpolatedStepControl), "interpolated")]
public abstract class StepControl
{
    // Hairer, Nørsett and Wanner 1993, II.4: the step that would just do, a little shorter, and never changed too much at once.
    private protected const double Safety = 0.9, LeastFactor = 0.2, GreatestFactor = 10;

    // The error of a step goes with its length to the power of 5.
    private protected const double ErrorExponent = -1.0 / 5;

    private protected StepControl()
    {
    }

    /// <summary>What the slopes of a step weigh in the estimate of its error.</summary>
    internal abstract ReadOnlySpan<double> ErrorWeights { get; }

    /// <summary>Whether the last step is shortened to end at the end, rather than gone past and interpolated.</summary>
    internal abstract bool StopsAtEnd { get; }

    /// <summary>Whether the error is measured part by part of the state and the largest counts, rather than over all of it.</summary>
    internal abstract bool NormPerPart { get; }

    /// <summary>What becomes of a step.</summary>
    /// <param name="error">The norm of its error, in units of the tolerance.</param>
    /// <param name="wasRejected">Whether a longer step from the same point was rejected.</param>
    /// <returns>Whether it is accepted, and how much longer the next step is.</returns>
    internal abstract (bool Accepted, double Factor) Judge(double error, bool wasRejected);
}
