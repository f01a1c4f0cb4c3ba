namespace Microsoft.ML.Diffusion;

/// <summary>What a register of a plan holds.</summary>
public enum RegisterKind
{
    /// <summary>The state from which the run starts: scaled noise for generation. Index 0.</summary>
    Start,

    /// <summary>A stored combination of other registers.</summary>
    State,

    /// <summary>A denoiser's estimate x̂0.</summary>
    Denoised,

    /// <summary>A draw of standard normal noise; the index is the number of the draw.</summary>
    Noise,

    /// <summary>A tensor that the caller gives beside the start, such as a source picture or a mask.</summary>
    Input,

    /// <summary>
    /// The standard deviation of the reverse step, place by place, from a denoiser that learned it; the index is that of the estimate x̂0
    /// of the same answer.
    /// </summary>
    Deviation,
}

/// <summary>The name of a batch-sized tensor in a plan.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Index">Its number among those of its kind.</param>
public readonly record struct Register(RegisterKind Kind, int Index)
{
    /// <summary>The state from which the run starts.</summary>
    public static Register Start => new(RegisterKind.Start, 0);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        RegisterKind.Start => "start",
        RegisterKind.State => $"x{Index}",
        RegisterKind.Denoised => $"d{Index}",
        RegisterKind.Input => $"in{Index}",
        RegisterKind.Deviation => $"s{Index}",
        _ => $"n{Index}",
    };
}
