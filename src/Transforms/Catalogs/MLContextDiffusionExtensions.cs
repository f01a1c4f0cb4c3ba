using Microsoft.ML.Diffusion;

namespace Microsoft.ML;

/// <summary>The door to Microsoft.ML.Diffusion from an <see cref="MLContext"/>.</summary>
public static class MLContextDiffusionExtensions
{
    /// <summary>Everything of Microsoft.ML.Diffusion: transforms, trainers, data and pictures.</summary>
    /// <param name="context">The context, whose seed and log everything made here uses.</param>
    public static DiffusionCatalog Diffusion(this MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new DiffusionCatalog(context);
    }
}
