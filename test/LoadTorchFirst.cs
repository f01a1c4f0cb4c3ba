// Linked into every test project: a test may use TorchSharp before it uses anything of this library.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion.TestSupport;

internal static partial class LoadTorchFirst
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A test assembly is a program, and every order of its tests must work.")]
    internal static void Initialize()
    {
        // dotnet test runs assemblies side by side. OpenMP's threads wait by spinning unless told otherwise, and where there are more of
        // them than processors, every operation of libtorch then takes twenty times as long.
        if (!OperatingSystem.IsWindows())
            _ = SetEnvironmentVariable("OMP_WAIT_POLICY", "PASSIVE", 0);
        RuntimeHelpers.RunModuleConstructor(typeof(TorchNative).Module.ModuleHandle);
        ProcessorSetting.Apply();
    }

    // .NET's own does not reach the environment that native libraries read.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);
}
