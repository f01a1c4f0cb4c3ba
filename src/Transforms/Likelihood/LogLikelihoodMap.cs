using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The column with log-likelihoods.</summary>
internal sealed class LogLikelihoodMap : RowMap
{
    // Draw 0 is the uniform noise of discrete data; probes follow.
    private const int UniformDraw = 0;

    private readonly DenoiserHandle _handle;
    private readonly LogLikelihoodConfig _config;
    private readonly LogLikelihoodProgram _program;
    private readonly DataInput _input;
    private readonly DataViewSchema.Column _denoiser;
    private readonly DataViewSchema.Column _data;
    private readonly DataViewSchema.Column? _seed;
    private readonly SamplingWatch _watch;
    private readonly RowAgreement _agreement;

    public LogLikelihoodMap(DenoiserHandle handle, LogLikelihoodConfig config, DataViewSchema schema, SamplingWatch watch, RowAgreement agreement)
    {
        _handle = handle;
        _config = config;
        _watch = watch;
        _agreement = agreement;
        _input = new DataInput(config.DataColumn);
        _denoiser = schema[config.DenoiserColumn];
        _data = _input.Find(schema, handle.Spec.Shape);
        _seed = SeedReader.Find(schema, config.SeedColumn);
        _program = new LogLikelihoodProgram(config, handle.Spec.Process.Schedule, handle.Spec.Shape.Size, UniformDraw + 1);
        Outputs = [new DataViewSchema.DetachedColumn(config.OutputColumn, NumberDataViewType.Single)];
    }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override int? BatchedOutput => 0;

    public override int BatchSize => _config.BatchSize;

    public override IEnumerable<int> InputsOf(int output)
    {
        int[] columns = [_denoiser.Index, _data.Index];
        return _seed is { } seed ? columns.Append(seed.Index) : columns;
    }

    public override Delegate MakeGetter(DataViewRow input, int output) => throw new InvalidOperationException("Log-likelihoods are computed in batches.");

    public override BatchRun StartBatches(DataViewRow input, int size) => new SamplingRun(
        _handle, _program, (ulong)_config.Seed, _watch, new VectorReader(input, _denoiser), SeedReader.For(input, _seed), [BindData(input)], size, _agreement);

    private BoundInput BindData(DataViewRow row)
    {
        var data = _input.Bind(row, _data, _handle.Spec);
        if (_config.BinWidth is not { } width)
            return data;
        var key = SeedReader.For(row, _seed);
        var uniform = new float[data.Width];
        return data with
        {
            Read = values =>
            {
                data.Read(values);
                RowNoise.FillUniform(uniform, (ulong)_config.Seed, key(), UniformDraw);
                for (int i = 0; i < values.Length; i++)
                    values[i] += (float)(width * (uniform[i] - 0.5));
            },
        };
    }
}
