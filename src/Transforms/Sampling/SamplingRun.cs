using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Runs a task in batches. Each row's random numbers are its own, and every batch has full size, or a smaller one that was found to give
/// the same bits: a result does not depend on its neighbours.
/// </summary>
internal sealed class SamplingRun(
    DenoiserHandle handle, RowProgram program, ulong seed, SamplingWatch watch,
    VectorReader packed, Func<RowKey> key, IReadOnlyList<BoundInput> inputs, int size, RowAgreement agreement) : BatchRun
{
    private readonly int _batch = Padded(size);
    private readonly int _width = WidthOf(handle, program);
    private readonly int _conditionWidth = handle.Layout.Width;
    private readonly float[] _results = new float[Padded(size) * WidthOf(handle, program)];
    private readonly float[] _conditions = Missing(handle.Layout, Padded(size));
    private readonly float[] _packed = new float[packed.Size];
    private readonly RowKey[] _keys = new RowKey[Padded(size)];
    private readonly InputRows[] _inputs = [.. inputs.Select(input => new InputRows(input, Padded(size)))];

    public override void Load(int place)
    {
        _keys[place] = key();
        packed.Read(_packed);
        _packed.AsSpan(0, _conditionWidth).CopyTo(_conditions.AsSpan(place * _conditionWidth));
        foreach (var rows in _inputs)
            rows.Input.Read(rows[place]);
    }

    public override void Compute(int count)
    {
        using var cancellation = SamplingCancellation.Enter(watch.CancellationToken);
        using var mode = InferenceMode.Leave();
        using var noGrad = no_grad();
        using var conditions = PackedConditions.ToTensor(handle.Layout, _conditions, _batch, handle.Device);
        using var like = zeros(handle.Spec.Shape.Batch(_batch), float32, handle.Device);
        var tensors = new List<Tensor>(_inputs.Length);
        try
        {
            foreach (var rows in _inputs)
                tensors.Add(ToTensor(rows));
            var condition = new Conditioning(handle.Layout, conditions);
            using var result = program.Run(new RowBatch(DenoiserFor(count, condition), condition, new RowNoise(seed, _keys), tensors, like, watch.Progress));
            using var host = result.cpu();
            MemoryMarshal.Cast<byte, float>(host.bytes).CopyTo(_results);
        }
        finally
        {
            tensors.ForEach(input => input.Dispose());
        }
        for (int place = 0; place < count; place++)
            program.Finish(_results.AsSpan(place * _width, _width), handle.Spec.Codec, _inputs, place);
    }

    private IDenoiser DenoiserFor(int count, Conditioning condition)
    {
        if (count == _batch)
            return handle.Denoiser;
        var known = new DenoiserAgreement(agreement, handle, program, condition, _batch);
        return new FirstRowsDenoiser(handle.Denoiser, ownLevels => known.RowsFor(count, ownLevels));
    }

    private Tensor ToTensor(InputRows rows)
    {
        using var host = tensor(rows.Encode(), rows.Input.Width == 1 && handle.Spec.Shape.Size != 1 ? [_batch] : handle.Spec.Shape.Batch(_batch));
        return host.to(handle.Device, copy: true);
    }

    // Rows that only fill a batch up want nothing: neither conditions nor guidance.
    private static float[] Missing(ConditionLayout layout, int rows)
    {
        var packed = new float[rows * layout.Width];
        for (int row = 0; row < rows; row++)
            layout.WriteMissing(packed.AsSpan(row * layout.Width));
        return packed;
    }

    private static int WidthOf(DenoiserHandle handle, RowProgram program) => program.IsScalar ? 1 : handle.Spec.Shape.Size;

    // libtorch multiplies matrices in tiles of four rows, and those that are left over in another order of sums: with whole tiles alone,
    // a row's sample
    // does not depend on its place.
    private static int Padded(int size) => size == 1 ? 1 : (size + 3) / 4 * 4;

    public override ReadOnlySpan<float> Result(int place) => _results.AsSpan(place * _width, _width);

    public override Delegate MakeGetter(Func<int> place)
        => program.IsScalar ? (ValueGetter<float>)((ref float value) => value = _results[place()]) : base.MakeGetter(place);
}
