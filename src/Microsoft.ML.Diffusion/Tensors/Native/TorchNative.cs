using System.Runtime.CompilerServices;
using TorchSharp;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Loads libtorch. This happens by itself when this assembly is first used; a program that uses TorchSharp before it uses anything
/// of this library calls <see cref="EnsureLoaded"/> first.
/// </summary>
/// <remarks>All members are safe to use from many threads.</remarks>
public static class TorchNative
{
    /// <summary>The environment variable that may name a libtorch directory, to be used instead of the program's own.</summary>
    public const string DirectoryVariable = "MLDIFFUSION_LIBTORCH";

    private static readonly Lazy<TorchLibraries> Libraries = new(TorchLoader.Load);
    private static volatile bool isReady;

    /// <summary>
    /// For logs: the versions, the file libtorch was loaded from, and whether a relaxed copy of TorchSharp's bridge is in use; or why
    /// libtorch is not loaded.
    /// </summary>
    public static string Description => Libraries.Value.Describe()
        + (isReady && !FastConvolutions.AreTrusted ? "; fast convolutions turned off, because they give wrong results on this processor" : "");

    /// <summary>Makes sure that TorchSharp is usable. Costs nothing after the first call.</summary>
    /// <exception cref="TorchNotFoundException">libtorch is missing or can not be loaded; the message says what to install.</exception>
    public static void EnsureLoaded()
    {
        if (isReady)
            return;

        if (Libraries.Value.Error is { } error)
            throw new TorchNotFoundException(error, Libraries.Value.Cause);

        StartTorchSharp();
        isReady = true;
    }

    /// <summary>Loads libtorch, and keeps an error for <see cref="EnsureLoaded"/> to report.</summary>
    internal static void Preload() => _ = Libraries.Value;

    private static void StartTorchSharp()
    {
        try
        {
            RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle);
        }
        catch (TypeInitializationException exception)
        {
            // A failed class constructor is never run again: had libtorch been there then, it would work now.
            throw new TorchNotFoundException(
                "TorchSharp was used before Microsoft.ML.Diffusion and could not load libtorch; this lasts until the process ends. "
                + "Call TorchNative.EnsureLoaded() at the start of the program, before the first use of TorchSharp.",
                exception.InnerException);
        }
    }
}
