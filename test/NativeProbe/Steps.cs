using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.Diffusion.NativeProbe;

/// <summary>
/// What the probe can do. Each step is a method of its own, never inlined: the runtime runs the library's module initializer as soon
/// as it compiles a method that mentions the library, and the order of first use is what is probed.
/// </summary>
internal static class Steps
{
    public static string Run(string step) => step switch
    {
        "ensure" => Ensure(),
        "touch" => Touch(),
        "describe" => Describe(),
        "torch" => UseTorch(),
        "resolver" => SetResolver(),
        "copies" => CountCopies(),
        _ => throw new ArgumentException($"Unknown step '{step}'."),
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string Ensure()
    {
        TorchNative.EnsureLoaded();
        return "ensured";
    }

    /// <summary>Mentions a type of the library and no more.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string Touch() => $"touched {new TorchNotFoundException().Message.Length}";

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string Describe() => TorchNative.Description;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string UseTorch()
    {
        using var ones = torch.ones(3);
        using var sum = ones.sum();
        return $"sum {sum.ToSingle()}";
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string SetResolver()
    {
        NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (_, _, _) => 0);
        return "resolver set";
    }

    /// <summary>How many bridge libraries are mapped into this process (Linux).</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string CountCopies()
    {
        int copies = File.ReadLines("/proc/self/maps")
            .Where(line => line.Contains("libLibTorchSharp.so", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..])
            .Distinct()
            .Count();
        return $"copies {copies}";
    }
}
