using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Adds noised data (a vector of the data's shape, in its units) and its level (Time, Alpha, Sigma) to each row, drawn from the seed and the row's
/// id; and passes the process on as an annotation. Rows without the data column, for generation, pass unchanged.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class NoiseScheduleTransformer : RowTransformer
{
    private const string ConfigStream = "Config.json";

    private readonly int _seed;
    private int _hasLogged;

    internal NoiseScheduleTransformer(IHostEnvironment environment, ForwardProcessInfo info, int seed)
        : base(environment, nameof(NoiseScheduleTransformer))
    {
        Info = info;
        _seed = seed;
    }

    /// <summary>The process, and what was measured of the data.</summary>
    public ForwardProcessInfo Info { get; }

    internal static NoiseScheduleTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var config = reader.Json<Config>(ConfigStream);
        return new NoiseScheduleTransformer(environment, config.Info, config.Seed);
    }

    private protected override void SaveModel(ModelSaveContext context)
        => new ModelWriter(context, ModelKind.NoiseSchedule).Json(ConfigStream, new Config(Info, _seed)).Finish();

    private protected override RowMap Bind(DataViewSchema inputSchema)
    {
        if (inputSchema.GetColumnOrNull(Info.SourceColumn) is not null)
            return new NoiseMap(Info, (ulong)_seed, DataColumn.Check(inputSchema, Info.SourceColumn, Info.Shape));
        if (Interlocked.Exchange(ref _hasLogged, 1) == 0)
            Log.Info(Host, $"The data has no column '{Info.SourceColumn}': columns '{Info.NoisedColumn}' and '{Info.LevelColumn}' are left out.");
        return NoMap.Instance;
    }

    private sealed record Config(ForwardProcessInfo Info, int Seed);
}
