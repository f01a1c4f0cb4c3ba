namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How a pool serves requests.</summary>
public sealed class GeneratorPoolOptions
{
    /// <summary>How many batches are computed at the same time, in [1, 256]. 1 unless set: on a processor one batch keeps all cores busy, and two at once are slower together than one after the other.</summary>
    public int Engines { get; set; } = 1;

    /// <summary>How many requests make one batch at most, in [1, 65536]. 16 unless set. A batch takes those that wait; it does not wait for more.</summary>
    public int BatchSize { get; set; } = 16;

    /// <summary>How many requests may wait, at least 1; further ones wait for a place (see <see cref="GeneratorPool{TRequest, TSample}.IsFull"/>). 256 unless set.</summary>
    public int QueueLength { get; set; } = 256;

    /// <summary>Refuses what is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option, its value and what is accepted.</exception>
    internal GeneratorPoolOptions Checked()
    {
        SamplingSettings.Check(Engines is >= 1 and <= 256, nameof(Engines), Engines, "a number in [1, 256]");
        SamplingSettings.Check(BatchSize is >= 1 and <= 65_536, nameof(BatchSize), BatchSize, "a number in [1, 65536]");
        SamplingSettings.Check(QueueLength >= 1, nameof(QueueLength), QueueLength, "at least 1");
        return (GeneratorPoolOptions)MemberwiseClone();
    }
}
