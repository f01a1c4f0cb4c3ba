using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The seed given to an <see cref="MLContext"/>.</summary>
internal static class HostSeed
{
    /// <summary>The seed of an environment; null where it has none.</summary>
    /// <param name="environment">The context itself: hosts that it registers have no seed.</param>
    public static int? Of(IHostEnvironment environment) => (environment as IHostEnvironmentInternal)?.Seed;
}
