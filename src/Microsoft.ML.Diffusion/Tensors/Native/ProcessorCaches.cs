using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Diffusion;

/// <summary>What an x86 processor tells of its caches. In some virtual machines that is nothing, which libraries of libtorch take badly.</summary>
internal static class ProcessorCaches
{
    // CPUID leaf 4 (Intel SDM vol. 2A) or 8000_001Dh (AMD APM vol. 3): the type of the first cache is zero where there is none to tell of.
    private const int Intel = 4, Amd = unchecked((int)0x8000001D), Extended = unchecked((int)0x80000000), Type = 0x1F;

    /// <summary>Whether the processor keeps them to itself.</summary>
    public static bool AreHidden => X86Base.IsSupported && !(Tells(0, Intel) || Tells(Extended, Amd));

    private static bool Tells(int range, int leaf) => (uint)X86Base.CpuId(range, 0).Eax >= (uint)leaf && (X86Base.CpuId(leaf, 0).Eax & Type) != 0;
}
