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
        return new LogLikelihoodConfig(outputColumn, dataColumn, options.DenoiserColumn, options.SeedColumn, options.Likelihood!, options.BitsPerDimension,
            options.BinWidth, options.BatchSize, options.Seed ?? hostSeed ?? 0).Checked();
    }

    /// <summary>The same, where it is possible: what comes from a file passes what options pass.</summary>
    /// <exception cref="ArgumentException">A value is out of range; names it and what is accepted.</exception>
    public LogLikelihoodConfig Checked()
    {
        ArgumentException.ThrowIfNullOrEmpty(OutputColumn, "outputColumn");
        ArgumentException.ThrowIfNullOrEmpty(DataColumn, "dataColumn");
        SamplingSettings.Check(Likelihood is { Stepping.WholeBatch: false }, nameof(Likelihood), Likelihood, "set, with steps of each row's own (WholeBatch = false)");
        SamplingSettings.Check(BinWidth is null or (> 0 and < double.PositiveInfinity), nameof(BinWidth), BinWidth, "a positive, finite number, or null for continuous data");
        SamplingSettings.Check(BatchSize is >= 1 and <= 65_536, nameof(BatchSize), BatchSize, "a number in [1, 65536]");
        SamplingSettings.Check(!string.IsNullOrEmpty(DenoiserColumn), nameof(DenoiserColumn), DenoiserColumn, "a column name");
        SamplingSettings.Check(SeedColumn is not "", nameof(SeedColumn), SeedColumn, "a column name, or null for none");
        return this;
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
