namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The checked options that all tasks have in common, as model files keep them.</summary>
internal sealed record SamplingSettings(
    string DenoiserColumn, string? SeedColumn, ISampler Solver, TimeSpacing? Spacing, int Steps, int? BatchSize, int Seed, double? Clip, Precision Precision = Precision.Float32)
{
    // A file can claim anything: what is read passes what options pass.
    private readonly bool _checked = Check(DenoiserColumn, SeedColumn, Solver, Steps, BatchSize, Clip, Precision);

    /// <summary>Checks options and keeps a copy of them.</summary>
    /// <exception cref="ArgumentException">An option is out of range; names it, its value and what is accepted.</exception>
    public static SamplingSettings From(SamplingOptions options, int? hostSeed)
    {
        return new SamplingSettings(options.DenoiserColumn, options.SeedColumn, options.Solver!, options.Spacing,
            options.Steps, options.BatchSize, options.Seed ?? hostSeed ?? 0, options.Clip, options.Precision);
    }

    /// <summary>The grid of a whole run.</summary>
    public TimeGrid Grid(NoiseSchedule schedule) => (Spacing ?? schedule.DefaultSpacing).Grid(schedule, Steps);

    private static bool Check(string denoiserColumn, string? seedColumn, ISampler? solver, int steps, int? batchSize, double? clip, Precision precision)
    {
        Check(solver is { MixesRows: false }, nameof(Solver), solver, "a sampler whose rows do not depend on each other (without WholeBatch or OverBatch)");
        Check(steps is >= 1 and <= 100_000, nameof(Steps), steps, "a number in [1, 100000]");
        Check(batchSize is null or (>= 1 and <= 65_536), nameof(BatchSize), batchSize, "a number in [1, 65536], or null for what fits the memory");
        Check(Enum.IsDefined(precision), nameof(Precision), precision, "Float32, BFloat16 or Auto");
        Check(!string.IsNullOrEmpty(denoiserColumn), nameof(DenoiserColumn), denoiserColumn, "a column name");
        Check(seedColumn is not "", nameof(SeedColumn), seedColumn, "a column name, or null for none");
        Check(clip is null or (> 0 and < double.PositiveInfinity), nameof(Clip), clip, "a positive, finite number, or null for no limit");
        return true;
    }

    /// <summary>Refuses an option that is out of range.</summary>
    public static void Check(bool isFine, string option, object? value, string accepted)
    {
        if (!isFine)
            throw new ArgumentOutOfRangeException(option, value, $"The option {option} must be {accepted}.");
    }
}
