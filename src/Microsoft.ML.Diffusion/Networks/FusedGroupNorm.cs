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
    private const long ValuesPerThread = 1 << 13;

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
            Rows = rows,
            Groups = groups,
            GroupChannels = channels / groups,
            Channels = channels,
            Plane = (int)(x.numel() / (rows * (long)channels)),
            Epsilon = (float)epsilon,
        };
        int threads = (int)Math.Clamp(x.numel() / ValuesPerThread, 1, Math.Min(rows * groups, get_num_threads()));
        OpenMpTeam.Run(&Share, &call, threads);
    }

    private static void Share(void* data, int thread, int threads)
    {
        var call = (Call*)data;
        int blocks = call->Rows * call->Groups;
        for (int block = (int)((long)thread * blocks / threads); block < (int)((thread + 1L) * blocks / threads); block++)
            call->Group(block / call->Groups, block % call->Groups);
    }

    private static float* Address(Tensor tensor) => (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    private struct Call
    {
        public float* Source;

        public float* Target;

        public float* Weight;

        public float* Bias;

        public float* Modulation;

        public int Rows;

        public int Groups;

        public int GroupChannels;

        public int Channels;

        public int Plane;

        public float Epsilon;

        public readonly void Group(int row, int group)
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

        private static Vector512<float> Silu(Vector512<float> x) => x / (Vector512<float>.One + Exp(-x));

        private static float Silu(float x) => x / (1 + MathF.Exp(-x));

        // 2ⁿ·eʳ with |r| ≤ ln2/2 and the Taylor polynomial of degree 6, whose error is below a unit in the last place of 1 + eˣ. The framework's own
        // goes through double precision, which costs as much as the rest of the pass.
        private static Vector512<float> Exp(Vector512<float> x)
        {
            x = Vector512.Min(Vector512.Max(x, Vector512.Create(-87f)), Vector512.Create(88f));
            var n = Vector512.Round(x * 1.44269504f);
            var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
            r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
            var p = Vector512.FusedMultiplyAdd(r, Vector512.Create(1f / 720), Vector512.Create(1f / 120));
            p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 24));
            p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 6));
            p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
            p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
            p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
            return p * Vector512.ShiftLeft(Vector512.ConvertToInt32(n) + Vector512.Create(127), 23).AsSingle();
        }
    }
}
