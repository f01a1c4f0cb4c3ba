using System.Security.Cryptography;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Keeps files under the hash of their content. Many processes may store the same file at the same time; a damaged copy is
/// written anew.
/// </summary>
internal sealed class NativeLibraryCache(string root)
{
    /// <summary>The cache of the current user, or null where the user has no folder for local data.</summary>
    public static NativeLibraryCache? ForCurrentUser()
    {
        string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return local.Length == 0 ? null : new(Path.Combine(local, "Microsoft.ML.Diffusion", "native"));
    }

    /// <summary>Gives the path of a file of this name and content, writing it if need be.</summary>
    /// <exception cref="IOException">The file can not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder can not be written to.</exception>
    public string Store(string fileName, byte[] content)
    {
        byte[] hash = SHA256.HashData(content);
        string folder = Path.Combine(root, Convert.ToHexStringLower(hash));
        string path = Path.Combine(folder, fileName);
        if (!Holds(path, hash))
            // Others see the old file or the whole new one, and who has mapped the old one keeps it.
            AtomicFile.Write(path, stream => stream.Write(content));

        return path;
    }

    private static bool Holds(string path, ReadOnlySpan<byte> hash)
    {
        if (!File.Exists(path))
            return false;

        try
        {
            using var stream = File.OpenRead(path);
            return hash.SequenceEqual(SHA256.HashData(stream));
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
