using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>Loads a relaxed copy of TorchSharp's bridge (<see cref="ElfVersionRelaxer"/>) where the original can not be loaded.</summary>
internal static class RelaxedBridge
{
    /// <summary>Loads a relaxed copy of the library at <paramref name="original"/>.</summary>
    /// <returns>The library and, for logs, where it is.</returns>
    /// <exception cref="DllNotFoundException">Relaxing does not help, or the copy can not be loaded.</exception>
    public static (nint Handle, string Description) Load(string original)
    {
        byte[] image = File.ReadAllBytes(original);
        if (!ElfVersionRelaxer.TryRelax(image))
            return (NativeFile.Load(original), original);   // for the system's own words about what is wrong

        try
        {
            if (NativeLibraryCache.ForCurrentUser() is { } cache)
            {
                string copy = cache.Store(Path.GetFileName(original), image);
                return (NativeLibrary.Load(copy), $"{copy} (a relaxed copy of {original})");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            // The folder is read-only, full, or mounted without permission to execute: the temporary folder may serve.
        }

        return LoadFromTemporaryFolder(original, image);
    }

    private static (nint Handle, string Description) LoadFromTemporaryFolder(string original, byte[] image)
    {
        // Readable by this user only; and a loaded library lives on without its file.
        var folder = Directory.CreateTempSubdirectory("mldiffusion-");
        try
        {
            string copy = Path.Combine(folder.FullName, Path.GetFileName(original));
            File.WriteAllBytes(copy, image);
            return (NativeLibrary.Load(copy), $"a temporary relaxed copy of {original}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
