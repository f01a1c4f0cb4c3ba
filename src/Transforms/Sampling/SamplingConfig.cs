namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A task over rows as model files keep it.</summary>
internal sealed record SamplingConfig(string OutputColumn, SamplingTask Task, SamplingSettings Settings)
{
    /// <summary>Checks names and options and keeps a copy of them.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or does not fit the task.</exception>
    public static SamplingConfig From(string outputColumn, SamplingTask task, SamplingOptions options, int? hostSeed)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new SamplingConfig(outputColumn, task, SamplingSettings.From(options, hostSeed)).Checked();
    }

    /// <summary>The same, where it is possible: what comes from a file passes what options pass.</summary>
    /// <exception cref="ArgumentException">A name is missing, or the settings do not fit the task.</exception>
    public SamplingConfig Checked()
    {
        ArgumentException.ThrowIfNullOrEmpty(OutputColumn);
        Task.Check(Settings);
        return this;
    }

    /// <summary>The schema shape behind the task.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no denoiser, or a column is missing or of the wrong type.</exception>
    public SchemaShape ShapeBehind(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        DenoiserHandle.Check(inputSchema, Settings.DenoiserColumn);
        foreach (var input in Task.Inputs)
            input.Check(inputSchema);
        SeedReader.Check(inputSchema, Settings.SeedColumn);
        return Shapes.With(inputSchema, Shapes.Vector(OutputColumn, SlotNames.Shape(DenoiserHandle.HasSlots(inputSchema, Settings.DenoiserColumn))));
    }

    /// <summary>The task on rows of a schema.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no denoiser, or a column is missing or of the wrong type.</exception>
    public RowMap Bind(DataViewSchema schema, SamplingWatch watch, RowAgreement agreement)
    {
        var handle = DenoiserHandle.Get(schema, Settings.DenoiserColumn);
        var seed = SeedReader.Find(schema, Settings.SeedColumn);
        return new SamplingMap(handle, this, schema[Settings.DenoiserColumn], seed, [.. Task.Inputs.Select(input => input.Find(schema, handle.Spec.Shape))], watch, agreement);
    }
}
