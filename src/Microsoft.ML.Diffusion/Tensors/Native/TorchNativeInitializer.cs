using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Diffusion;

/// <summary>Loads libtorch when this assembly is first used, so that TorchSharp finds it in place.</summary>
internal static class TorchNativeInitializer
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "TorchSharp's own loader runs once and can not be called back; ours must come first.")]
    internal static void Initialize() => TorchNative.Preload();
}
