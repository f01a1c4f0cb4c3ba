using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Samples in batches. Each row's random numbers are its own, and every batch has full size: a sample does not depend on its neighbours.</summary>
internal sealed class SamplingRun(
    DenoiserHandle handle, SamplingPlan plan, ulong seed, IProgress<SamplingProgress>? progress, VectorReader packed, Func<RowKey> key, int size) : BatchRun
{
    private readonly int _width = handle.Spec.Shape.Size;
    private readonly int _conditionWidth = handle.Layout.Width;
    private readonly float[] _samples = new float[size * handle.Spec.Shape.Size];
    private readonly float[] _conditions = new float[size * handle.Layout.Width];
    private readonly float[] _packed = new float[packed.Size];
    private readonly RowKey[] _keys = new RowKey[size];

    public override void Load(int place)
    {
        _keys[place] = key();
        packed.Read(_packed);
        _packed.AsSpan(0, _conditionWidth).CopyTo(_conditions.AsSpan(place * _conditionWidth));
    }

    public override void Compute(int count)
    {
        using var noGrad = no_grad();
        using var conditions = PackedConditions.ToTensor(handle.Layout, _conditions, size, handle.Device);
        var noise = new RowNoise(seed, _keys);
        using var like = zeros(handle.Spec.Shape.Batch(size), float32, handle.Device);
        using var start = PlanRunner.DrawStart(plan, noise, like);
        using var result = PlanRunner.Run(plan, handle.Denoiser, start, new Conditioning(handle.Layout, conditions), noise, progress);
        using var samples = result.cpu();
        samples.data<float>().CopyTo(_samples);
        for (int place = 0; place < count; place++)
            handle.Spec.Codec.DecodeSample(_samples.AsSpan(place * _width, _width));
    }

    public override ReadOnlySpan<float> Result(int place) => _samples.AsSpan(place * _width, _width);
}
