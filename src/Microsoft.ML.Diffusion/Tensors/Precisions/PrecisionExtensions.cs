using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>What a <see cref="Precision"/> means on a device.</summary>
public static class PrecisionExtensions
{
    /// <summary>
    /// The switch of <see cref="AppContext"/> that lets <see cref="Precision.BFloat16"/> run on processors without instructions for it: many times slower than Float32, for looking at a model
    /// as devices that have them will run it. <see cref="Precision.Auto"/>, which takes what is faster, has no reason to choose that.
    /// </summary>
    public const string EmulationSwitch = "Microsoft.ML.Diffusion.EmulateBFloat16";

    /// <summary>Whether processors may emulate bf16.</summary>
    internal static bool EmulatesBFloat16 => AppContext.TryGetSwitch(EmulationSwitch, out bool emulates) && emulates;

    /// <summary>Whether a device computes natively in a precision.</summary>
    /// <param name="precision">The precision.</param>
    /// <param name="device">The device.</param>
    /// <param name="reason">Why not; null where it does.</param>
    public static bool IsSupported(this Precision precision, Device device, out string? reason)
    {
        ArgumentNullException.ThrowIfNull(device);
        reason = precision != Precision.BFloat16 ? null : device.type switch
        {
            DeviceType.CPU => !ProcessorHas(matrices: false) ? "this processor has neither AVX512_BF16 nor AMX-BF16"
                : !FastConvolutions.AreTrusted ? "libtorch's fast convolutions give wrong results on this processor and are turned off"
                : null,
            DeviceType.CUDA => CudaDriver.CapabilityMajor(device.index) switch
            {
                >= 8 => null,
                null => "the compute capability of the GPU could not be read",
                { } major => $"the GPU has compute capability {major}; bf16 needs 8 or higher",
            },
            _ => $"bf16 is not used on {device.type}",
        };
        return reason is null;
    }

    /// <summary>
    /// The precision to use without a trial: what <see cref="Precision.Auto"/> stands for on a device where it is certain which is faster, else the precision itself. Auto is BFloat16 on GPUs that compute in it
    /// and on processors with matrix units for it (AMX), and Float32 on all others; training and sampling on a processor with instructions for bf16 find out by the clock.
    /// </summary>
    /// <param name="precision">The precision asked for.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="NotSupportedException">The device does not compute natively in the precision, nor may it emulate it (<see cref="EmulationSwitch"/>); says why.</exception>
    public static Precision Resolve(this Precision precision, Device device)
    {
        if (precision == Precision.Auto)
            return Precision.BFloat16.IsSupported(device, out _) && (device.type != DeviceType.CPU || ProcessorHas(matrices: true)) ? Precision.BFloat16 : Precision.Float32;
        if (!precision.IsSupported(device, out string? reason) && !(device.type == DeviceType.CPU && EmulatesBFloat16))
            throw new NotSupportedException($"Precision {precision} is not available on {device}: {reason}. Use {nameof(Precision.Float32)} or {nameof(Precision.Auto)}.");
        return precision;
    }

    internal static ScalarType ToScalarType(this Precision precision) => precision switch
    {
        Precision.Float32 => ScalarType.Float32,
        Precision.BFloat16 => ScalarType.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "Resolve the precision first."),
    };

    // CPUID leaf 7: subleaf 1 EAX bit 5 is AVX512_BF16, subleaf 0 EDX bit 22 is AMX-BF16 (Intel SDM vol. 2A, CPUID).
    private static bool ProcessorHas(bool matrices)
    {
        if (!X86Base.IsSupported || !Avx512BW.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
            return false;
        var (subleaves, _, _, features) = X86Base.CpuId(7, 0);
        return (features & 1 << 22) != 0 || (!matrices && subleaves >= 1 && (X86Base.CpuId(7, 1).Eax & 1 << 5) != 0);
    }
}
