namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The upper half of the keys of a run's random numbers: what they are for.</summary>
internal static class DrawKeys
{
    /// <summary>The noise of rows, and what else a row draws in a step.</summary>
    public const ulong Latent = 1;

    /// <summary>The times of a batch.</summary>
    public const ulong Time = 2;

    /// <summary>Which rows lose their conditions.</summary>
    public const ulong ConditionDropout = 3;

    /// <summary>Which rows lose one of their conditions.</summary>
    public const ulong SeparateDropout = 5;

    /// <summary>Which pictures are mirrored.</summary>
    public const ulong Flip = 4;

    /// <summary>The noise of weights.</summary>
    public const ulong Weights = 16;

    /// <summary>The noise of samples that a run draws.</summary>
    public const ulong Samples = 18;

    /// <summary>How pictures are augmented.</summary>
    public const ulong Augmentation = 17;

    /// <summary>Whether a batch is trained with an estimate.</summary>
    public const ulong SelfConditioning = 18;
}
