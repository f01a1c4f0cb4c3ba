namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>All adapters, in the order in which they are asked.</summary>
public static class GoldenAdapters
{
    public static IReadOnlyList<IGoldenAdapter> All { get; } =
    [
        new DiffusersBetasAdapter(),
        new GuidedDiffusionBetasAdapter(),
        new LucidrainsBetasAdapter(),
        new RatioSpacingAdapter(),
        new EvenSpacingAdapter(),
        new AncestralStepAdapter(),
        new KDiffusionSamplerAdapter(),
        new EdmSamplerAdapter(),
        new EdmAblationAdapter(),
        new DiffusersVarianceSamplerAdapter(),
        new DiffusersRatioSamplerAdapter(),
        new DiffusersMultistepAdapter(),
        new DiffusersFlowAdapter(),
        new DdimInverseAdapter(),
        new ImageToImageAdapter(),
        new RePaintAdapter(),
        new LucidrainsInterpolateAdapter(),
        new SlerpAdapter(),
    ];
}
