using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Says how a data column is destroyed, and measures what a trainer must know about it. Its transformer adds
/// the noised data and its level, and passes the process on to the trainer.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed partial class NoiseScheduleEstimator : IEstimator<NoiseScheduleTransformer>
{
    // Up to this height and width the middle of EDM's published training noise is too low.
    private const int SmallImage = 64;

    private readonly IHostEnvironment _environment;
    private readonly IForwardProcess? _process;
    private readonly NoiseColumns _columns;
    private readonly DataShape? _imageShape;
    private readonly IDataCodec? _codec;
    private readonly bool _dropsInvalid;
    private readonly int _seed;

    internal NoiseScheduleEstimator(IHostEnvironment environment, string dataColumn, IForwardProcess? process, Options? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(dataColumn);
        options ??= new Options();
        _environment = environment;
        _process = process;
        string noised = options.NoisedColumn ?? "Noised" + dataColumn;
        _columns = new NoiseColumns(dataColumn, noised, options.LevelColumn ?? noised + "Level");
        _imageShape = options.ImageShape is var (channels, height, width) ? new DataShape(channels, height, width) : null;
        _codec = options.Codec;
        _dropsInvalid = options.DropInvalidRows;
        _seed = options.Seed ?? HostSeed.Of(environment) ?? 0;
    }

    /// <summary>Measures the data.</summary>
    /// <param name="input">The data; read once, and once more where the schedule takes its σ from the data.</param>
    /// <exception cref="ArgumentOutOfRangeException">The data column is missing or no known-size vector of Single.</exception>
    /// <exception cref="InvalidOperationException">No rows, or a value that is invalid; names row and column.</exception>
    public NoiseScheduleTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var column = VectorReader.Check(input.Schema, _columns.Data);
        var shape = DataColumn.ShapeOf(column, _imageShape);
        var host = _environment.Register(nameof(NoiseScheduleEstimator));
        if (shape.IsSequence && _imageShape is null)
            Log.Info(host, $"Column '{_columns.Data}' is taken for sequences of {shape.Dimensions[0]} channels and the length {shape.Dimensions[1]}. Grey pictures of that size need the option ImageShape = (1, {shape.Dimensions[0]}, {shape.Dimensions[1]}).");
        var profile = DataProfiler.Measure(host, input, column, shape, _codec, _dropsInvalid);
        var process = (_process ?? new GaussianProcess(DefaultSchedule(shape))).FitTo(new ModelSpaceData(host, input, column, profile));
        var info = new ForwardProcessInfo(_columns.Data, _columns.Noised, _columns.Level, process, profile.Codec, shape, profile.DataScale, SlotNames.Of(column));
        return new NoiseScheduleTransformer(_environment, info, _seed);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The data column is missing or no known-size vector of Single.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        VectorReader.Check(inputSchema, _columns.Data);
        return Shapes.With(inputSchema,
            Shapes.Vector(_columns.Noised, [Shapes.Scalar(ForwardProcessInfo.AnnotationKind, SingletonViewType<ForwardProcessInfo>.Instance), .. SlotNames.Shape(SlotNames.AreIn(inputSchema, _columns.Data))]),
            LevelColumn.ShapeOf(_columns.Level));
    }

    private static NoiseSchedule DefaultSchedule(DataShape shape)
        => shape.IsImage && Math.Max(shape.Dimensions[1], shape.Dimensions[2]) <= SmallImage ? KnownSchedules.EdmSmallImages : KnownSchedules.Edm;

    private sealed record NoiseColumns(string Data, string Noised, string Level);
}
