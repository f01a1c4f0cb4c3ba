using System.Reflection;
using TorchSharp;

namespace Microsoft.ML.Diffusion;

/// <summary>What came of loading libtorch.</summary>
internal sealed record TorchLibraries
{
    /// <summary>Why libtorch can not be used, and what to do; null if it can.</summary>
    public string? Error { get; private init; }

    /// <summary>The loader's own words, where it had any.</summary>
    public Exception? Cause { get; private init; }

    /// <summary>Where libtorch came from.</summary>
    public string Source { get; private init; } = "";

    /// <summary>The file of TorchSharp's bridge.</summary>
    public string Bridge { get; private init; } = "";

    /// <summary>Optional libraries that are there, but would not load.</summary>
    public IReadOnlyList<string> Unloadable { get; private init; } = [];

    public static TorchLibraries Loaded(string source, string bridge, IReadOnlyList<string> unloadable) =>
        new() { Source = source, Bridge = bridge, Unloadable = unloadable };

    public static TorchLibraries Failed(string error, Exception? cause = null) => new() { Error = error, Cause = cause };

    public string Describe()
    {
        if (Error != null)
            return $"libtorch is not loaded. {Error}";

        string version = typeof(torch).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "?";
        string missing = Unloadable.Count == 0 ? "" : $"; not loadable: {string.Join(", ", Unloadable)}";
        return $"TorchSharp {version}, libtorch {TorchPlatform.LibTorchVersion} from {Source}, bridge {Bridge}{missing}";
    }
}
