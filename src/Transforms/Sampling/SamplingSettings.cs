namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The checked options that all tasks have in common, as model files keep them.</summary>
internal sealed record SamplingSettings(
    string DenoiserColumn, string? SeedColumn, ISampler Solver, TimeSpacing? Spacing, int Steps, int? BatchSize, int Seed, double? Clip, Precision Precision = Precision.Float32)
{
    /// <summary>Checks options and keeps a copy of them.</summary>
    /// <exception cref="ArgumentException">An option is out of range; names it, its value and what is accepted.</exception>
    public static SamplingSettings From(SamplingOptions options, int? hostSeed)
    {
        Check(options.Solver is { MixesRows: false }, nameof(options.Solver), options.Solver, "a sampler whose rows do not depend on each other (without WholeBatch or OverBatch)");
        Check(options.Steps is >= 1 and <= 100_000, nameof(options.Steps), options.Steps, "a number in [1, 100000]");
        Check(options.BatchSize is null or (>= 1 and <= 65_536), nameof(options.BatchSize), options.BatchSize, "a number in [1, 65536], or null for what fits the memory");
        Check(Enum.IsDefined(options.Precision), nameof(options.Precision), options.Precision, "Float32, BFloat16 or Auto");
        Check(!string.IsNullOrEmpty(options.DenoiserColumn), nameof(options.DenoiserColumn), options.DenoiserColumn, "a column name");
        Check(options.SeedColumn is not "", nameof(options.SeedColumn), options.SeedColumn, "a column name, or null for none");
        Check(options.Clip is null or (> 0 and < double.PositiveInfinity), nameof(options.Clip), options.Clip, "a positive, finite number, or null for no limit");
        return new SamplingSettings(options.DenoiserColumn, options.SeedColumn, options.Solver!, options.Spacing,
            options.Steps, options.BatchSize, options.Seed ?? hostSeed ?? 0, options.Clip, options.Precision);
    }

    /// <summary>The grid of a whole run.</summary>
    public TimeGrid Grid(NoiseSchedule schedule) => (Spacing ?? schedule.DefaultSpacing).Grid(schedule, Steps);

    /// <summary>Refuses an option that is out of range.</summary>
    public static void Check(bool isFine, string option, object? value, string accepted)
    {
        if (!isFine)
            throw new ArgumentOutOfRangeException(nameof(option), value, $"The option {option} must be {accepted}.");
    }
}
