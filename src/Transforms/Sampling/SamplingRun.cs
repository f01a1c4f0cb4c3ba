using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Samples in batches. Each row's random numbers are its own, and every batch has full size: a sample does not depend on its neighbours.</summary>
internal sealed class SamplingRun(
    DenoiserHandle handle, ISamplingProgram program, ulong seed, IProgress<SamplingProgress>? progress, VectorReader packed, Func<RowKey> key, int size) : BatchRun
{
    private readonly int _batch = Padded(size);
    private readonly int _width = handle.Spec.Shape.Size;
    private readonly int _conditionWidth = handle.Layout.Width;
    private readonly float[] _samples = new float[Padded(size) * handle.Spec.Shape.Size];
    private readonly float[] _conditions = new float[Padded(size) * handle.Layout.Width];
    private readonly float[] _packed = new float[packed.Size];
    private readonly RowKey[] _keys = new RowKey[Padded(size)];

    public override void Load(int place)
    {
        _keys[place] = key();
        packed.Read(_packed);
        _packed.AsSpan(0, _conditionWidth).CopyTo(_conditions.AsSpan(place * _conditionWidth));
    }

    public override void Compute(int count)
    {
        using var noGrad = no_grad();
        using var conditions = PackedConditions.ToTensor(handle.Layout, _conditions, _batch, handle.Device);
        var noise = new RowNoise(seed, _keys);
        using var like = zeros(handle.Spec.Shape.Batch(_batch), float32, handle.Device);
        using var start = PlanRunner.DrawStart(program.Grid, noise, like);
        using var result = program.Run(handle.Denoiser, start, new Conditioning(handle.Layout, conditions), noise, progress);
        using var samples = result.cpu();
        MemoryMarshal.Cast<byte, float>(samples.bytes).CopyTo(_samples);
        for (int place = 0; place < count; place++)
            handle.Spec.Codec.DecodeSample(_samples.AsSpan(place * _width, _width));
    }

    // libtorch multiplies matrices in tiles of four rows, and those that are left over in another order of sums: with whole tiles alone, a row's sample
    // does not depend on its place.
    private static int Padded(int size) => size == 1 ? 1 : (size + 3) / 4 * 4;

    public override ReadOnlySpan<float> Result(int place) => _samples.AsSpan(place * _width, _width);
}
