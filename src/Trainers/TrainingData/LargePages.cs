using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Asks the system to back a large block with large pages. The first touch of each page costs a fault, which for training data adds up to more than
/// reading it; large pages are five hundred times fewer.
/// </summary>
internal static unsafe partial class LargePages
{
    /// <summary>The size of a large page, and the alignment of blocks that shall have them: 2 MiB on x64 and arm64.</summary>
    public const int Size = 1 << 21;

    private const int AdviceHugePage = 14; // MADV_HUGEPAGE

    /// <summary>Asks; without them everything works as well, but slower.</summary>
    /// <param name="block">The block, aligned to <see cref="Size"/>.</param>
    /// <param name="bytes">Its length.</param>
    public static void Ask(void* block, nuint bytes)
    {
        // Blocks that do not fill a few of them would waste memory.
        if (OperatingSystem.IsLinux() && bytes >= 4 * Size)
            _ = Advise(block, bytes, AdviceHugePage);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* block, nuint bytes, int advice);
}
