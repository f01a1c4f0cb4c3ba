// Linked into every test project: a test may use TorchSharp before it uses anything of this library.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Diffusion.TestSupport;

internal static class LoadTorchFirst
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A test assembly is a program, and every order of its tests must work.")]
    internal static void Initialize() => RuntimeHelpers.RunModuleConstructor(typeof(TorchNative).Module.ModuleHandle);
}
