using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The columns that a pair of encoders adds: the vector of the data and that of the conditions, of what is there.</summary>
internal sealed class ContrastiveMap : RowMap
{
    private const int DataPass = 0;
    private const int ConditionPass = 1;

    private readonly ContrastiveConfig _config;
    private readonly Device _device;
    private readonly NoisySource? _source;
    private readonly ConditionPacker? _packer;
    private readonly int[] _passes;
    private readonly RowAgreement _agreement;

    public ContrastiveMap(ContrastiveConfig config, Device device, NoisySource? source, ConditionPacker? packer, RowAgreement agreement)
    {
        (_config, _device, _source, _packer, _agreement) = (config, device, source, packer, agreement);
        _passes = [.. source is null ? Array.Empty<int>() : [DataPass], .. packer is null ? Array.Empty<int>() : [ConditionPass]];
        Outputs = [.. _passes.Select(pass => new DataViewSchema.DetachedColumn(
            pass == DataPass ? config.Columns.DataEmbedding : config.Columns.ConditionEmbedding, new VectorDataViewType(NumberDataViewType.Single, config.DataEncoder.Size)))];
    }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override int BatchSize => 64;

    public override int? PassOf(int output) => _passes[output];

    public override IEnumerable<int> InputsOf(int output) => _passes[output] == DataPass ? _source!.Inputs : _packer!.Inputs;

    public override Delegate MakeGetter(DataViewRow input, int output) => throw new InvalidOperationException("Rows are encoded in batches.");

    public override BatchRun StartBatches(DataViewRow input, int size, int pass) => pass == DataPass
        ? new NoisyRun(
            _config.DataEncoder.Embed, _config.DataEncoder, _config.DataEncoder.Size, _device, _source!.Bind(input, _config.Spec, size), size, _agreement)
        : new ConditionEncodingRun(_config.ConditionEncoder, _device, _packer!.Bind(input), size, _agreement);
}
