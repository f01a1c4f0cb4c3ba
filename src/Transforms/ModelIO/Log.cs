using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Writes to <see cref="MLContext.Log"/>.</summary>
internal static class Log
{
    /// <summary>Something worth knowing.</summary>
    public static void Info(IHost host, string message)
    {
        using var channel = host.Start(nameof(Info));
        channel.Info(message);
    }

    /// <summary>Something that the user should look at.</summary>
    public static void Warning(IHost host, string message)
    {
        using var channel = host.Start(nameof(Warning));
        channel.Warning(message);
    }
}
