using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Draws the levels of a run, batch after batch.</summary>
/// <param name="distribution">Which levels.</param>
/// <param name="schedule">The noise schedule.</param>
internal class LevelSampler(LevelDistribution distribution, NoiseSchedule schedule) : IDisposable
{
    /// <summary>What it has learned, by name; not the caller's to dispose.</summary>
    public virtual IReadOnlyList<(string Name, Tensor Values)> State => [];

    /// <summary>Levels of the distribution, whatever was learned.</summary>
    /// <param name="uniforms">A uniform number of each row.</param>
    public NoiseLevels PlainLevels(double[] uniforms)
    {
        double[] times = [.. uniforms.Select(u => distribution.Time(u, schedule))];
        return new NoiseLevels([.. times.Select(schedule.At)], times);
    }

    /// <summary>The levels of a batch, and by how much the loss of each row counts; null where all count alike and nothing is learned.</summary>
    /// <param name="uniforms">A uniform number of each row.</param>
    public virtual (NoiseLevels Levels, float[]? Weights) Draw(double[] uniforms) => (PlainLevels(uniforms), null);

    /// <summary>Learns from the losses of the rows of the last batch, unweighted.</summary>
    /// <param name="losses">The loss of each row.</param>
    public virtual void Learn(ReadOnlySpan<float> losses)
    {
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
