using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Group normalisation, modulation and SiLU in one pass, for sampling on the CPU: a group fits the innermost cache, so memory is read once and
/// written once, where separate operations read and write it four times. Rows do not influence each other.
/// </summary>
internal static unsafe class FusedGroupNorm
{
    // Below this many values a second thread costs more than it saves.
    private const long ValuesPerThread = 1 << 16;

    /// <summary>Whether the pass can take a tensor: Float32, on the CPU, one row after the other.</summary>
    public static bool Handles(Tensor x) => x.dtype == ScalarType.Float32 && x.device_type == DeviceType.CPU && x.is_contiguous();

    /// <summary>SiLU of the modulated normalisation.</summary>
    /// <param name="x">x [B, C, ...].</param>
    /// <param name="target">Receives the result; may be x.</param>
    /// <param name="groups">The number of groups; divides C.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="weight">[C].</param>
    /// <param name="bias">[C].</param>
    /// <param name="modulation">[B, 2C], the scales and then the shifts; null for none.</param>
    public static void Run(Tensor x, Tensor target, int groups, double epsilon, Tensor weight, Tensor bias, Tensor? modulation)
    {
        int rows = (int)x.size(0), channels = (int)x.size(1);
        using var packed = modulation?.contiguous();
        var call = new Call
        {
            Source = Address(x),
            Target = Address(target),
            Weight = Address(weight),
            Bias = Address(bias),
            Modulation = packed is null ? null : Address(packed),
            Groups = groups,
            GroupChannels = channels / groups,
            Channels = channels,
            Plane = (int)(x.numel() / (rows * (long)channels)),
            Epsilon = (float)epsilon,
        };
        int threads = (int)Math.Clamp(x.numel() / ValuesPerThread, 1, Math.Min(rows, get_num_threads()));
        if (threads == 1)
            call.Rows(0, rows);
        else
            Parallel.For(0, threads, thread => call.Rows(thread * rows / threads, (thread + 1) * rows / threads));
    }

    private static float* Address(Tensor tensor) => (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    private sealed class Call
    {
        public required float* Source { get; init; }

        public required float* Target { get; init; }

        public required float* Weight { get; init; }

        public required float* Bias { get; init; }

        public required float* Modulation { get; init; }

        public required int Groups { get; init; }

        public required int GroupChannels { get; init; }

        public required int Channels { get; init; }

        public required int Plane { get; init; }

        public required float Epsilon { get; init; }

        public void Rows(int first, int end)
        {
            for (int row = first; row < end; row++)
                for (int group = 0; group < Groups; group++)
                    Group(row, group);
        }

        private void Group(int row, int group)
        {
            long length = (long)GroupChannels * Plane;
            long start = ((long)row * Groups + group) * length;
            var (mean, variance) = Moments(new ReadOnlySpan<float>(Source + start, checked((int)length)));
            float inverse = 1 / MathF.Sqrt(variance + Epsilon);
            for (int i = 0; i < GroupChannels; i++)
            {
                int channel = group * GroupChannels + i;
                float factor = Weight[channel] * inverse;
                float offset = Bias[channel] - mean * factor;
                if (Modulation is not null)
                {
                    float* numbers = Modulation + (long)row * 2 * Channels;
                    float scale = 1 + numbers[channel];
                    factor *= scale;
                    offset = offset * scale + numbers[Channels + channel];
                }
                long at = start + (long)i * Plane;
                Activate(Source + at, Target + at, Plane, factor, offset);
            }
        }

        // Two passes, as the variance of the second is exact to rounding; the data is in the innermost cache by then.
        private static (float Mean, float Variance) Moments(ReadOnlySpan<float> values)
        {
            float mean = System.Numerics.Tensors.TensorPrimitives.Sum(values) / values.Length;
            var centre = Vector512.Create(mean);
            var sums = Vector512<float>.Zero;
            int i = 0;
            ref float first = ref MemoryMarshal.GetReference(values);
            for (; i <= values.Length - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                var deviation = Vector512.LoadUnsafe(ref first, (nuint)i) - centre;
                sums += deviation * deviation;
            }
            float sum = Vector512.Sum(sums);
            for (; i < values.Length; i++)
                sum += (values[i] - mean) * (values[i] - mean);
            return (mean, sum / values.Length);
        }

        private static void Activate(float* source, float* target, int count, float factor, float offset)
        {
            int width = Vector512<float>.Count;
            if (count < width)
            {
                for (int i = 0; i < count; i++)
                    target[i] = Silu(source[i] * factor + offset);
                return;
            }
            Vector512<float> factors = Vector512.Create(factor), offsets = Vector512.Create(offset);
            // The last vector overlaps the one before it: it is read first, because target may be source.
            var last = Silu(Vector512.Load(source + count - width) * factors + offsets);
            for (int i = 0; i < count - width; i += width)
                Silu(Vector512.Load(source + i) * factors + offsets).Store(target + i);
            last.Store(target + count - width);
        }

        private static Vector512<float> Silu(Vector512<float> x) => x / (Vector512<float>.One + Vector512.Exp(-x));

        private static float Silu(float x) => x / (1 + MathF.Exp(-x));
    }
}
