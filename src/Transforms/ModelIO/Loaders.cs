using Microsoft.ML;
using Microsoft.ML.Diffusion.Transforms;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(ITransformer), typeof(DenoiserLoader), null, typeof(SignatureLoadModel), "Diffusion denoiser", "DiffusionDenoiser")]

namespace Microsoft.ML.Diffusion.Transforms;

#pragma warning disable CA1859 // Create must return the type that is registered.

// ML.NET finds a loader by the name in the file and calls its Create by reflection.

internal static class DenoiserLoader
{
    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        => DenoiserTransformer.Load(env, new ModelReader(ctx, ModelKind.Denoiser));
}
