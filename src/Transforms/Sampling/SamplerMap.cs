namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The sample column.</summary>
internal sealed class SamplerMap : RowMap
{
    private readonly DenoiserHandle _handle;
    private readonly SamplerConfig _config;
    private readonly ISamplingProgram _program;
    private readonly DataViewSchema.Column _denoiser;
    private readonly DataViewSchema.Column? _seed;
    private readonly IProgress<SamplingProgress>? _progress;

    public SamplerMap(DenoiserHandle handle, SamplerConfig config, DataViewSchema.Column denoiser, DataViewSchema.Column? seed, IProgress<SamplingProgress>? progress)
    {
        _config = config;
        _denoiser = denoiser;
        _seed = seed;
        _progress = progress;
        _handle = config.Clip is { } limit ? handle with { Denoiser = ThresholdedDenoiser.Clip(handle.Denoiser, limit) } : handle;
        var schedule = handle.Spec.Process.Schedule;
        _program = config.Solver.Prepare((config.Spacing ?? schedule.DefaultSpacing).Grid(schedule, config.Steps));
        Outputs = [new DataViewSchema.DetachedColumn(config.OutputColumn, DataColumn.TypeOf(handle.Spec.Shape))];
    }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override int? BatchedOutput => 0;

    public override int BatchSize => _config.BatchSize;

    public override IEnumerable<int> InputsOf(int output) => _seed is { } seed ? [_denoiser.Index, seed.Index] : [_denoiser.Index];

    public override Delegate MakeGetter(DataViewRow input, int output) => throw new InvalidOperationException("The sample is computed in batches.");

    public override BatchRun StartBatches(DataViewRow input, int size)
        => new SamplingRun(_handle, _program, (ulong)_config.Seed, _progress, new VectorReader(input, _denoiser), SeedReader.For(input, _seed), size);
}
