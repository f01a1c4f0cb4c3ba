namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>How long a run lasts: a number of steps, a time, or whichever ends first.</summary>
/// <param name="Steps">The number of steps, where limited.</param>
/// <param name="Time">The time, where limited.</param>
internal readonly record struct TrainingBudget(long? Steps, TimeSpan? Time)
{
    /// <summary>How far a run is, from 0 to 1: the larger of the fractions of what was given.</summary>
    /// <param name="steps">The number of steps done.</param>
    /// <param name="elapsed">The time spent.</param>
    public double Fraction(long steps, TimeSpan elapsed)
    {
        double bySteps = Steps is { } allSteps ? (double)steps / allSteps : 0;
        double byTime = Time is { } allTime ? elapsed / allTime : 0;
        return Math.Min(1, Math.Max(bySteps, byTime));
    }

    /// <summary>The time left, judged by the pace so far; null before the first step.</summary>
    /// <param name="steps">The number of steps done.</param>
    /// <param name="elapsed">The time spent.</param>
    public TimeSpan? Remaining(long steps, TimeSpan elapsed)
    {
        TimeSpan? bySteps = Steps is { } allSteps && steps > 0 ? elapsed * ((double)(allSteps - steps) / steps) : null;
        TimeSpan? byTime = Time - elapsed;
        var left = bySteps is { } a && byTime is { } b ? (a < b ? a : b) : bySteps ?? byTime;
        return left is { } time && time < TimeSpan.Zero ? TimeSpan.Zero : left;
    }

    /// <inheritdoc/>
    public override string ToString() => (Steps, Time) switch
    {
        ({ } steps, { } time) => $"{Plural.Of(steps, "step", format: "n0")} or {time}",
        ({ } steps, null) => Plural.Of(steps, "step", format: "n0"),
        _ => $"{Time}",
    };
}
