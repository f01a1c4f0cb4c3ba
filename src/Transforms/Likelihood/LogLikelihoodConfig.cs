using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A log-likelihood column as model files keep it.</summary>
internal sealed record LogLikelihoodConfig(
    string OutputColumn,
    string DataColumn,
    string DenoiserColumn,
    string? SeedColumn,
    LogLikelihoodOptions Likelihood,
    bool BitsPerDimension,
    double? BinWidth,
    int BatchSize,
    int Seed)
{
    /// <summary>Checks names and options and keeps a copy of them.</summary>
    /// <exception cref="ArgumentException">An option is out of range; names it, its value and what is accepted.</exception>
    public static LogLikelihoodConfig From(string outputColumn, string dataColumn, LogLikelihoodEstimator.Options options, int? hostSeed)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumn);
        ArgumentException.ThrowIfNullOrEmpty(dataColumn);
        SamplingSettings.Check(options.Likelihood is { Stepping.WholeBatch: false }, nameof(options.Likelihood), options.Likelihood, "set, with steps of each row's own (WholeBatch = false)");
        SamplingSettings.Check(options.BinWidth is null or (> 0 and < double.PositiveInfinity), nameof(options.BinWidth), options.BinWidth, "a positive, finite number, or null for continuous data");
        SamplingSettings.Check(options.BatchSize is >= 1 and <= 65_536, nameof(options.BatchSize), options.BatchSize, "a number in [1, 65536]");
        SamplingSettings.Check(!string.IsNullOrEmpty(options.DenoiserColumn), nameof(options.DenoiserColumn), options.DenoiserColumn, "a column name");
        SamplingSettings.Check(options.SeedColumn is not "", nameof(options.SeedColumn), options.SeedColumn, "a column name, or null for none");
        return new LogLikelihoodConfig(outputColumn, dataColumn, options.DenoiserColumn, options.SeedColumn, options.Likelihood!, options.BitsPerDimension,
            options.BinWidth, options.BatchSize, options.Seed ?? hostSeed ?? 0);
    }

    /// <summary>The schema shape behind the column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no denoiser, or a column is missing or of the wrong type.</exception>
    public SchemaShape ShapeBehind(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        DenoiserHandle.Check(inputSchema, DenoiserColumn);
        new DataInput(DataColumn).Check(inputSchema);
        SeedReader.Check(inputSchema, SeedColumn);
        return Shapes.With(inputSchema, Shapes.Scalar(OutputColumn, NumberDataViewType.Single));
    }
}
