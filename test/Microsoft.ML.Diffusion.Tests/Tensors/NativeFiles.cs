namespace Microsoft.ML.Diffusion.Tests.Tensors;

/// <summary>The native libraries that came with this test program.</summary>
internal static class NativeFiles
{
    public static string Bridge => Find(TorchPlatform.BridgeLibrary);

    public static string Core => Find(TorchPlatform.CoreLibrary);

    private static string Find(string fileName) =>
        NativeFolders.Find(NativeFolders.OfProgram(), fileName) ?? throw new FileNotFoundException($"This test program lacks '{fileName}'.");
}
