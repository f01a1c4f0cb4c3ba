namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Binds the inputs of a guidance to columns.</summary>
internal static class GuidanceBinding
{
    /// <summary>What a column that gives an input holds, and how it is read.</summary>
    public static RowInput RoleOf(GuidanceInput input, GuidanceColumn column, ConditionEmbedding? embedding, UnknownValueRule unknown)
        => input.Name == embedding?.Input ? new EmbeddedInput(column.Column, embedding.Encoder, unknown, column.Source) : input.Content switch
        {
            GuidanceContent.Data => new DataInput(column.Column) { MayMiss = true, Shape = input.Shape },
            GuidanceContent.Mask => new MaskInput(column.Column) { MayMiss = true },
            GuidanceContent.Condition => new ConditionInput(column.Column, input.Condition!, unknown, column.Source),
            _ => new NumbersInput(column.Column, input.Size),
        };

    /// <summary>The inputs of a guidance for a model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The guidance does not fit the model, or has no input of a name that a column is given for.</exception>
    public static IReadOnlyList<GuidanceInput> InputsFor(GuidanceConfig config, DenoiserSpec spec)
    {
        IReadOnlyList<GuidanceInput> inputs;
        try
        {
            inputs = config.Guidance.InputsFor(spec.Shape, spec.Conditions);
        }
        catch (ArgumentException misfit) when (misfit.GetType() == typeof(ArgumentException))
        {
            throw SchemaErrors.Unusable($"The denoiser in column '{config.DenoiserColumn}' can not be guided so: {Sentence(misfit)}");
        }
        if (config.Columns.FirstOrDefault(column => inputs.All(input => input.Name != column.Input)) is { } unknown)
            throw SchemaErrors.Unusable($"{config.Guidance.GetType().Name} has no input '{unknown.Input}' that column '{unknown.Column}' could give; its inputs are: {string.Join(", ", inputs.Select(input => $"'{input.Name}'").DefaultIfEmpty("none"))}.");
        return inputs;
    }

    // Without the name of our own parameter, which means nothing to the user of a pipeline.
    private static string Sentence(ArgumentException exception)
        => exception.ParamName is { } name ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : exception.Message;
}
