using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Bends the denoiser of a column. Learns nothing; Fit binds it to the denoiser.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class GuidanceEstimator : IEstimator<GuidanceTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _denoiserColumn;
    private readonly bool _needsConditions;
    private readonly IReadOnlyList<GuidanceColumn> _inputs;
    private readonly Func<int, IGuidance> _guidance;

    /// <summary>A guidance.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="denoiserColumn">The column that carries the denoiser.</param>
    /// <param name="needsConditions">Whether the guidance makes no sense without conditions.</param>
    /// <param name="inputs">The columns that it reads.</param>
    /// <param name="guidance">Makes the guidance, given the slot of its first input.</param>
    internal GuidanceEstimator(IHostEnvironment environment, string denoiserColumn, bool needsConditions, IReadOnlyList<GuidanceColumn> inputs, Func<int, IGuidance> guidance)
    {
        ArgumentException.ThrowIfNullOrEmpty(denoiserColumn);
        _environment = environment;
        _denoiserColumn = denoiserColumn;
        _needsConditions = needsConditions;
        _inputs = inputs;
        _guidance = guidance;
    }

    /// <summary>Binds the guidance to the denoiser.</summary>
    /// <param name="input">Data behind a trained denoiser; only its schema is read.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no denoiser, the model has no conditions, or a column is of the wrong type.</exception>
    public GuidanceTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        int slot = DenoiserHandle.Get(input.Schema, _denoiserColumn).Layout.Slots.Count;
        return new GuidanceTransformer(_environment, new GuidanceConfig(_denoiserColumn, _guidance(slot), slot, _needsConditions, _inputs)).BoundTo(input);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no denoiser, or a column is of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        DenoiserHandle.Check(inputSchema, _denoiserColumn);
        foreach (var column in inputSchema)
            if (_inputs.FirstOrDefault(input => input.Column == column.Name) is { } input)
                GuidanceInputs.Check(column, input);
        return Shapes.With(inputSchema, DenoiserHandle.ShapeOf(_denoiserColumn));
    }
}
