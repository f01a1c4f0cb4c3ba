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
        new FlowSpacingAdapter(),
        new LatentDiffusionAdapter(),
        new TimestepEmbeddingAdapter(),
        new ScoreSdeAdapter(),
        new FlowPathAdapter(),
        new TimeDensityAdapter(),
        new AddNoiseAdapter(),
        new AncestralStepAdapter(),
        new KDiffusionSamplerAdapter(),
        new EdmSamplerAdapter(),
        new EdmAblationAdapter(),
        new DiffusersVarianceSamplerAdapter(),
        new DiffusersRatioSamplerAdapter(),
        new DiffusersMultistepAdapter(),
        new DiffusersFlowAdapter(),
        new FlowOdeAdapter(),
        new ScoreSdeSamplerAdapter(),
        new NcsnSigmasAdapter(),
        new AnnealedLangevinAdapter(),
        new MarkovChainAdapter(),
        new SgldAdapter(),
        new DdimInverseAdapter(),
        new ImageToImageAdapter(),
        new RePaintAdapter(),
        new LucidrainsInterpolateAdapter(),
        new SlerpAdapter(),
        new KDiffusionAdaptiveAdapter(),
        new KDiffusionLikelihoodAdapter(),
        new ScoreSdeOdeAdapter(),
        new ScoreSdeLikelihoodAdapter(),
        new ScoreSdeLossAdapter(),
        new NcsnLossAdapter(),
        new SlicedScoreMatchingAdapter(),
    ];
}
