using Microsoft.ML;
using Microsoft.ML.Diffusion.Transforms;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(ITransformer), typeof(NoiseScheduleLoader), null, typeof(SignatureLoadModel), "Diffusion noise schedule", "DiffusionNoiseSchedule")]
[assembly: LoadableClass(typeof(ITransformer), typeof(DenoiserLoader), null, typeof(SignatureLoadModel), "Diffusion denoiser", "DiffusionDenoiser")]
[assembly: LoadableClass(typeof(ITransformer), typeof(GuidanceLoader), null, typeof(SignatureLoadModel), "Diffusion guidance", "DiffusionGuidance")]
[assembly: LoadableClass(typeof(ITransformer), typeof(SamplerLoader), null, typeof(SignatureLoadModel), "Diffusion sampler", "DiffusionSampler")]
[assembly: LoadableClass(typeof(ITransformer), typeof(LogLikelihoodLoader), null, typeof(SignatureLoadModel), "Diffusion log-likelihood", "DiffusionLogLikelihood")]
[assembly: LoadableClass(typeof(ITransformer), typeof(EditLoader), null, typeof(SignatureLoadModel), "Diffusion edit", "DiffusionEdit")]
[assembly: LoadableClass(typeof(ITransformer), typeof(ClassifierLoader), null, typeof(SignatureLoadModel), "Diffusion classifier", "DiffusionClassifier")]
[assembly: LoadableClass(typeof(ITransformer), typeof(ContrastiveLoader), null, typeof(SignatureLoadModel), "Diffusion contrastive encoders", "DiffusionContrastive")]
[assembly: LoadableClass(typeof(ITransformer), typeof(LatentDecoderLoader), null, typeof(SignatureLoadModel), "Diffusion latent decoder", "DiffusionLatentDecoder")]
[assembly: LoadableClass(typeof(ITransformer), typeof(TokenizeTextLoader), null, typeof(SignatureLoadModel), "Diffusion text tokens", "DiffusionTokenizeText")]

namespace Microsoft.ML.Diffusion.Transforms;

#pragma warning disable CA1859 // Create must return the type that is registered.

// ML.NET finds a loader by the name in the file and calls its Create by reflection.

internal static class NoiseScheduleLoader
{
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        => new ModelReader(ctx, ModelKind.NoiseSchedule).Make(reader => NoiseScheduleTransformer.Load(env, reader));
}

internal static class DenoiserLoader
{
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        => new ModelReader(ctx, ModelKind.Denoiser).Make(reader => DenoiserTransformer.Load(env, reader));
}

internal static class GuidanceLoader
{
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        => new ModelReader(ctx, ModelKind.Guidance).Make(reader => GuidanceTransformer.Load(env, reader));
}

internal static class SamplerLoader
{
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        => new ModelReader(ctx, ModelKind.Sampler).Make(reader => SamplerTransformer.Load(env, reader));
}

internal static class EditLoader
{
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        => new ModelReader(ctx, ModelKind.Edit).Make(reader => EditTransformer.Load(env, reader));
}

internal static class LogLikelihoodLoader
{
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        => new ModelReader(ctx, ModelKind.LogLikelihood).Make(reader => LogLikelihoodTransformer.Load(env, reader));
}

internal static class ClassifierLoader
{
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        => new ModelReader(ctx, ModelKind.Classifier).Make(reader => ClassifierTransformer.Load(env, reader));
}

internal static class ContrastiveLoader
{
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        => new ModelReader(ctx, ModelKind.Contrastive).Make(reader => ContrastiveTransformer.Load(env, reader));
}

internal static class LatentDecoderLoader
{
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        => new ModelReader(ctx, ModelKind.LatentDecoder).Make(reader => LatentDecoderTransformer.Load(env, reader));
}

internal static class TokenizeTextLoader
{
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        => new ModelReader(ctx, ModelKind.TokenizeText).Make(reader => TokenizeTextTransformer.Load(env, reader));
}
