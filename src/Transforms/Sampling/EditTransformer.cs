using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Adds data that a trained denoiser made of other data: inverted, interpolated, varied, filled or denoised.</summary>
/// <remarks>Thread safe.</remarks>
public sealed class EditTransformer : SamplingTransformer
{
    internal EditTransformer(IHostEnvironment environment, SamplingConfig config, SamplingWatch watch)
        : base(environment, nameof(EditTransformer), ModelKind.Edit, config, watch)
    {
    }

    internal static EditTransformer Load(IHostEnvironment environment, ModelReader reader) => new(environment, ReadConfig(reader), SamplingWatch.None);
}
