namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The column that a task adds.</summary>
internal sealed class SamplingMap : RowMap
{
    private readonly DenoiserHandle _handle;
    private readonly SamplingConfig _config;
    private readonly RowProgram _program;
    private readonly DataViewSchema.Column _denoiser;
    private readonly DataViewSchema.Column? _seed;
    private readonly DataViewSchema.Column[] _inputs;
    private readonly SamplingWatch _watch;
    private readonly RowAgreement _agreement;
    // A schema alone, as binding needs, takes no pass over the network.
    private readonly Lazy<int> _batchSize;

    public SamplingMap(
        DenoiserHandle handle, SamplingConfig config, DataViewSchema.Column denoiser, DataViewSchema.Column? seed, DataViewSchema.Column[] inputs, SamplingWatch watch, RowAgreement agreement)
    {
        _config = config;
        _denoiser = denoiser;
        _seed = seed;
        _inputs = inputs;
        _watch = watch;
        _agreement = agreement;
        _handle = handle with { Denoiser = DenoiserOf(handle, config.Settings) };
        _batchSize = new Lazy<int>(() => config.Settings.BatchSize ?? BatchSizes.For(handle.Spec, handle.Device));
        _program = config.Task.Prepare(config.Settings with { Solver = config.Settings.Solver.WithRecurrence(handle.Recurrence) }, handle.Spec.Process.Schedule);
        Outputs = [DataColumn.Of(config.OutputColumn, handle.Spec.Shape, handle.Spec.SlotNames)];
    }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override int? BatchedOutput => 0;

    public override int BatchSize => _batchSize.Value;

    private static IDenoiser DenoiserOf(DenoiserHandle handle, SamplingSettings settings)
    {
        var denoiser = handle.Denoiser;
        if (settings.Precision == Precision.Auto && PrecisionRace.IsOpen(handle.Device))
            denoiser = new FasterPrecisionDenoiser(denoiser, $"{ModelJson.Write(handle.Spec.Network)}, {handle.Spec.Shape}");
        else if (settings.Precision != Precision.Float32 && settings.Precision.Resolve(handle.Device) is Precision.BFloat16 and var precision)
            denoiser = new PrecisionDenoiser(denoiser, precision);
        return settings.Clip is { } limit ? ThresholdedDenoiser.Clip(denoiser, limit) : denoiser;
    }

    public override IEnumerable<int> InputsOf(int output)
    {
        int[] columns = [_denoiser.Index, .. _inputs.Select(input => input.Index)];
        return _seed is { } seed ? columns.Append(seed.Index) : columns;
    }

    public override Delegate MakeGetter(DataViewRow input, int output) => throw new InvalidOperationException("The sample is computed in batches.");

    public override BatchRun StartBatches(DataViewRow input, int size) => new SamplingRun(
        _handle, _program, (ulong)_config.Settings.Seed, _watch, new VectorReader(input, _denoiser), SeedReader.For(input, _seed),
        [.. _config.Task.Inputs.Zip(_inputs, (role, column) => role.Bind(input, column, _handle.Spec))], size, _agreement);
}
