using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>Into how many steps the levels of consistency training are divided over a run: few at first, for speed, many at last, for exactness. A new one is one class and one line in the list of kinds below.</summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DoublingCourse), "doubling")]
[JsonDerivedType(typeof(SquareRootCourse), "square-root")]
public abstract class DiscretizationCourse
{
    private protected DiscretizationCourse(int first, int last)
    {
        First = first >= 1 ? first : throw new ArgumentOutOfRangeException(nameof(first), first, "The first number of steps must be at least 1.");
        Last = last >= first ? last : throw new ArgumentOutOfRangeException(nameof(last), last, $"The last number of steps must be at least the first, {first}.");
    }

    /// <summary>The number of steps at first.</summary>
    public int First { get; }

    /// <summary>The number of steps at last.</summary>
    public int Last { get; }

    /// <summary>The number of steps, N − 1.</summary>
    /// <param name="fraction">How much of the run is done, in [0, 1].</param>
    public abstract int StepsAt(double fraction);
}
