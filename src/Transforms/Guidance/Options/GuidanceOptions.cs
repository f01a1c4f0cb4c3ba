namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>What all guidances have in common.</summary>
public abstract class GuidanceOptions
{
    private protected GuidanceOptions()
    {
    }

    /// <summary>The noise levels at which it guides, such as <c>new LevelInterval(0.2, 5)</c> of ratios σ/α; elsewhere it costs nothing (arXiv:2404.07724). All unless set.</summary>
    public LevelInterval? Interval { get; set; }

    /// <summary>The column that carries the denoiser; <c>Denoiser</c> unless set.</summary>
    public string DenoiserColumn { get; set; } = DenoiserColumns.DefaultDenoiser;

    /// <summary>The guidance, at the levels where it is wanted.</summary>
    internal IGuidance Within(IGuidance guidance) => Interval is null ? guidance : new IntervalGuidance(guidance, Interval);
}
