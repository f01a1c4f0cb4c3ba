using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Group normalisation, modulation and SiLU in one pass over pictures whose channels lie side by side, for sampling on the CPU. libtorch convolves
/// that layout fastest, as it need not reorder anything, but normalises it slowly. Rows do not influence each other.
/// </summary>
internal static unsafe class FusedGroupNorm
{
    // Below this many values a second thread costs more than it saves.
    private const long ValuesPerThread = 1 << 13;

    /// <summary>Whether the pass can take a tensor: Float32 on the CPU, [B, C, H, W] with strides as of [B, H, W, C].</summary>
    public static bool Handles(Tensor x)
    {
        if (x.dtype != ScalarType.Float32 || x.device_type != DeviceType.CPU || x.dim() != 4)
            return false;
        long channels = x.size(1), width = x.size(3) * channels;
        return x.stride(1) == 1 && x.stride(3) == channels && x.stride(2) == width && x.stride(0) == x.size(2) * width;
    }

    /// <summary>The modulated and activated normalisation.</summary>
    /// <param name="x">x [B, C, H, W] that <see cref="Handles"/> accepts.</param>
    /// <param name="target">Receives the result; of the same layout; may be x.</param>
    /// <param name="groups">The number of groups; divides C.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="weight">[C].</param>
    /// <param name="bias">[C].</param>
    /// <param name="modulation">[B, 2C], the scales and then the shifts; null for none.</param>
    /// <param name="activate">Whether SiLU follows.</param>
    public static void Run(Tensor x, Tensor target, int groups, double epsilon, Tensor weight, Tensor bias, Tensor? modulation, bool activate)
    {
        using var packed = modulation?.contiguous();
        var call = new FusedGroupNormCall
        {
            Source = PixelAddress(x),
            Target = PixelAddress(target),
            Weight = Address(weight),
            Bias = Address(bias),
            Modulation = packed is null ? null : Address(packed),
            Rows = (int)x.size(0),
            Groups = groups,
            Channels = (int)x.size(1),
            Pixels = (int)(x.size(2) * x.size(3)),
            Epsilon = (float)epsilon,
            Activate = activate,
        };
        int threads = (int)Math.Clamp(x.numel() / ValuesPerThread, 1, Math.Min(call.Rows, get_num_threads()));
        OpenMpTeam.Run(&Share, &call, threads);
    }

    private static void Share(void* data, int thread, int threads)
    {
        var call = (FusedGroupNormCall*)data;
        var (first, end) = WorkParts.RowsOf(thread, threads, call->Rows);
        for (int row = first; row < end; row++)
            call->Normalise(row);
    }

    private static float* PixelAddress(Tensor picture)
    {
        using var pixels = picture.permute(0, 2, 3, 1);
        return Address(pixels);
    }

    private static float* Address(Tensor tensor) => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
}
