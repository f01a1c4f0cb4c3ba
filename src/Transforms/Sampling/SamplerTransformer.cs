using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Adds samples, in the units of the training data.</summary>
/// <remarks>Thread safe.</remarks>
public sealed class SamplerTransformer : SamplingTransformer
{
    internal SamplerTransformer(IHostEnvironment environment, SamplingConfig config, SamplingWatch watch)
        : base(environment, nameof(SamplerTransformer), ModelKind.Sampler, config, watch)
    {
    }

    internal static SamplerTransformer Load(IHostEnvironment environment, ModelReader reader) => new(environment, ReadConfig(reader), SamplingWatch.None);
}
