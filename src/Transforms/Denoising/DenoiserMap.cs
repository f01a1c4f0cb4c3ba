using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// The columns that a denoiser adds: itself with the packed conditions, and the denoised data where there is noised data.
/// </summary>
internal sealed class DenoiserMap : RowMap
{
    private const int DenoiserOutput = 0;
    private const int DenoisedOutput = 1;

    private readonly DenoiserModel _model;
    private readonly ConditionPacker _packer;
    private readonly DataViewSchema.Column? _noised;
    private readonly DataViewSchema.Column? _level;
    private readonly RowAgreement _agreement;

    public DenoiserMap(
        DenoiserModel model, DenoiserColumns columns, ConditionPacker packer, UnknownValues unknown, DataViewSchema.Column? noised, DataViewSchema.Column? level,
        Lifetime lifetime, RowAgreement agreement)
    {
        _model = model;
        _packer = packer;
        _noised = noised;
        _level = level;
        _agreement = agreement;
        var handle = new DenoiserHandle(new LivingDenoiser(model.Denoiser, lifetime), packer.Layout, model.Spec, model) { UnknownValues = unknown };
        var denoiser = handle.ToColumn(columns.Denoiser);
        Outputs = noised is null ? [denoiser] : [denoiser, DataColumn.Of(columns.Denoised, model.Spec.Shape, model.Spec.SlotNames)];
    }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override int? BatchedOutput => _noised is null ? null : DenoisedOutput;

    public override int BatchSize => 16;

    public override IEnumerable<int> InputsOf(int output)
        => output == DenoiserOutput ? _packer.Inputs : [_noised!.Value.Index, _level!.Value.Index, .. _packer.Inputs];

    public override Delegate MakeGetter(DataViewRow input, int output)
    {
        var pack = _packer.Bind(input);
        int width = DenoiserHandle.ColumnWidth(_packer.Layout);
        bool isEmpty = _packer.Layout.Width == 0;
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
        {
            var editor = VBufferEditor.Create(ref value, width);
            if (isEmpty)
                editor.Values.Clear();
            else
                pack(editor.Values);
            value = editor.Commit();
        });
    }

    public override BatchRun StartBatches(DataViewRow input, int size)
        => new DenoisingRun(_model, new VectorReader(input, _noised!.Value), new VectorReader(input, _level!.Value), _packer.Bind(input), size, _agreement);
}
