using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Finds out whether libtorch's fast convolutions on the CPU (oneDNN) compute what they should, and turns them off where they do not. On some
/// virtual machines, whose processor hides its caches, oneDNN 3.7 leaves out blocks of channels and reads memory that nobody wrote: networks
/// would train on noise without a word.
/// </summary>
/// <remarks>Costs some milliseconds, once in a process. <c>ONEDNN_MAX_CPU_ISA=SSE41</c>, set before the start, cures oneDNN too, but is slower than none.</remarks>
internal static class FastConvolutions
{
    // Rounding of sums of some hundred products; a lost block of channels is an error of the size of the result.
    private const double Tolerance = 1e-3;

    private static readonly Lazy<bool> Checked = new(Check);

    /// <summary>Whether they are in use.</summary>
    public static bool AreTrusted => Checked.Value;

    /// <summary>Checks them, once.</summary>
    /// <exception cref="NotSupportedException">They are wrong and can not be turned off; says what to do.</exception>
    public static void Ensure() => _ = Checked.Value;

    /// <summary>Turns them off for the process, whatever they compute; false where that is not possible.</summary>
    public static bool TryTurnOff() => TryDisable(oneDnn: true);

    private static bool Check()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return true;
        // NNPACK, which small convolutions ask for, then knows no processor, and would warn of it at each of them.
        if (ProcessorCaches.AreHidden)
            _ = TryDisable(oneDnn: false);
        using var scope = NewDisposeScope();
        // One for each way in which they were seen to fail: forwards, backwards, with strides, with the channels of a pixel side by side; then those that fail
        // with AVX2, to which a program may have limited oneDNN (channels that fill no block, on one side or the other).
        if (IsRight(2, 24, 8, 5, 7) && IsRight(4, 8, 8, 8, 8) && IsRight(2, 80, 16, 6, 7, stride: 2) && IsRight(3, 32, 80, 4, 18, kernel: 1, channelsLast: true)
            && IsRight(3, 57, 32, 4, 4) && IsRight(4, 32, 30, 10, 10) && IsRight(3, 12, 96, 5, 5, stride: 2))
            return true;
        if (!TryDisable(oneDnn: true))
            throw new NotSupportedException("libtorch's fast convolutions (oneDNN) give wrong results on this processor and can not be turned off from here. Set the environment variable ONEDNN_MAX_CPU_ISA=SSE41 before the program starts, or use a GPU.");
        return false;
    }

    // Against double precision, for which libtorch has no fast way.
    private static bool IsRight(int rows, int from, int to, int height, int width, int kernel = 3, int stride = 1, bool channelsLast = false)
    {
        var exact = Run(ScalarType.Float64);
        var fast = Run(ScalarType.Float32);
        return Agree(exact.Result, fast.Result) && Agree(exact.Gradient, fast.Gradient);

        (Tensor Result, Tensor Gradient) Run(ScalarType type)
        {
            using var on = enable_grad();
            var x = Numbers([rows, from, height, width], type);
            if (channelsLast)
                x = x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
            x.requires_grad_(true);
            var result = F.conv2d(x, Numbers([to, from, kernel, kernel], type), null, [stride, stride], [kernel / 2, kernel / 2]);
            var gradient = autograd.grad([result], [x], [Numbers(result.shape, type)])[0];
            return (result.detach(), gradient);
        }
    }

    private static Tensor Numbers(long[] shape, ScalarType type)
    {
        var values = new double[shape.Aggregate(1L, (product, size) => product * size)];
        for (int i = 0; i < values.Length; i++)
            values[i] = Math.Sin(i * i % 1013);
        return tensor(values, shape).to(type);
    }

    private static bool Agree(Tensor exact, Tensor fast)
    {
        using Scalar tolerance = Tolerance;
        // NaN agrees with nothing.
        return exact.Minus(fast.to(ScalarType.Float64)).abs().max().le(exact.abs().max().mul(tolerance)).item<bool>();
    }

    // at::globalContext().setUserEnabledNNPACK(false), and the same for oneDNN (Mkldnn), which TorchSharp does not bind.
    private static unsafe bool TryDisable(bool oneDnn)
    {
        bool windows = OperatingSystem.IsWindows();
        if (LoadedModules.Find(TorchPlatform.CoreLibrary) is not { } path
            || !NativeLibrary.TryLoad(path, out nint library)
            || !NativeLibrary.TryGetExport(library, windows ? "?globalContext@at@@YAAEAVContext@1@XZ" : "_ZN2at13globalContextEv", out nint getContext)
            || !NativeLibrary.TryGetExport(library, windows ? "?setUserEnabledMkldnn@Context@at@@QEAAX_N@Z" : "_ZN2at7Context20setUserEnabledMkldnnEb", out nint setMkldnn)
            || !NativeLibrary.TryGetExport(library, windows ? "?setUserEnabledNNPACK@Context@at@@QEAAX_N@Z" : "_ZN2at7Context20setUserEnabledNNPACKEb", out nint setNnpack))
            return false;
        nint context = ((delegate* unmanaged<nint>)getContext)();
        if (oneDnn)
            ((delegate* unmanaged<nint, byte, void>)setMkldnn)(context, 0);
        ((delegate* unmanaged<nint, byte, void>)setNnpack)(context, 0);
        return true;
    }
}
