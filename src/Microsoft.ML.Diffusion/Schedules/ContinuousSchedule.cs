namespace Microsoft.ML.Diffusion;

/// <summary>A schedule in continuous time, whose training times come from a density of one's choice.</summary>
public abstract class ContinuousSchedule : NoiseSchedule
{
    /// <summary>A schedule with a density.</summary>
    /// <param name="density">From which density training draws its times; uniform unless given.</param>
    protected ContinuousSchedule(TimeDensity? density = null) => Density = density ?? KnownTimeDensities.Uniform;

    /// <summary>From which density training draws its times.</summary>
    public TimeDensity Density { get; }

    /// <inheritdoc/>
    /// <remarks>The density's, from the first time on that the model is asked about.</remarks>
    public sealed override double TrainingTime(double u)
    {
        double first = FirstTrainingTime;
        return first + (1 - first) * Density.Time(u);
    }

    /// <summary>The time below which training draws none; 0 unless the family has another habit.</summary>
    private protected virtual double FirstTrainingTime => 0;
}
