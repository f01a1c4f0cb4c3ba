using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>What libtorch's files and packages are called on this machine.</summary>
internal static class TorchPlatform
{
    /// <summary>The libtorch version that TorchSharp's bridge is built for.</summary>
    public const string LibTorchVersion = "2.10";

    /// <summary>Whether this is the one platform whose bridge library may need relaxing (<see cref="ElfVersionRelaxer"/>).</summary>
    public static bool MayNeedRelaxing => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>The portable runtime identifier, such as <c>linux-x64</c>.</summary>
    public static string RuntimeIdentifier { get; } =
        $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    /// <summary>The library without which there is no torch.</summary>
    public static string CoreLibrary { get; } = FileName("torch_cpu");

    /// <summary>TorchSharp's own native half, which calls into libtorch.</summary>
    public static string BridgeLibrary { get; } = FileName("LibTorchSharp");

    /// <summary>
    /// The libraries to load before the bridge, each after those it depends on. Only <see cref="CoreLibrary"/> is there on every
    /// platform; those for CUDA come with a CUDA build.
    /// </summary>
    public static IReadOnlyList<string> LibrariesInOrder { get; } =
        [FileName("torch_global_deps"), FileName("c10"), CoreLibrary, FileName("c10_cuda"), FileName("torch_cuda"), FileName("torch")];

    /// <summary>What to do about a missing libtorch.</summary>
    public static string Remedy { get; } = Packages() is { } packages
        ? $"Add the package {packages} to the program's project (in a project that imports TorchBackend.props set the property TorchBackend), "
            + $"or set {TorchNative.DirectoryVariable} to the directory of a libtorch {LibTorchVersion}. See docs/native-libraries.md."
        : $"TorchSharp has no native libraries for {RuntimeIdentifier}. See docs/native-libraries.md for the systems it supports.";

    private static string FileName(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    private static string? Packages() => RuntimeIdentifier switch
    {
        "linux-x64" => "'libtorch-cpu-linux-x64' 2.10.0 (for CUDA: 'TorchSharp-cuda-linux' 0.107.0)",
        "win-x64" => "'libtorch-cpu-win-x64' 2.10.0 (for CUDA: 'TorchSharp-cuda-windows' 0.107.0)",
        "win-arm64" or "osx-arm64" => $"'libtorch-cpu-{RuntimeIdentifier}' 2.10.0",
        _ => null,
    };
}
