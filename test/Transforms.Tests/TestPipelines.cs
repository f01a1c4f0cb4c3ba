using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Pipelines over <see cref="Point"/> rows.</summary>
internal static class TestPipelines
{
    /// <summary>From labelled points to samples: everything that a trained pipeline has, with random weights.</summary>
    public static IEstimator<ITransformer> Conditional(MLContext ml, SamplerEstimator.Options? options = null) => Denoiser(ml)
        .Append(ml.Diffusion().Transforms.ClassifierFreeGuidance(scale: 2, scaleColumn: "Strength"))
        .Append(ml.Diffusion().Transforms.Sampler("Sample", options ?? new() { Steps = 3 }));

    /// <summary>Labelled points, a noise schedule and a denoiser.</summary>
    public static IEstimator<ITransformer> Denoiser(MLContext ml) => ml.Transforms.Conversion.MapValueToKey("Label")
        .Append(ml.Diffusion().Transforms.NoiseSchedule("X"))
        .Append(new TestDenoiser(ml, "X", "Label"));

    /// <summary>Points without conditions, up to samples.</summary>
    public static IEstimator<ITransformer> Unconditional(MLContext ml, SamplerEstimator.Options? options = null)
        => ml.Diffusion().Transforms.NoiseSchedule("X")
            .Append(new TestDenoiser(ml, "X"))
            .Append(ml.Diffusion().Transforms.Sampler("Sample", options ?? new() { Steps = 3 }));
}
