using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The part of a trained pipeline that generates, and the columns that it needs.</summary>
internal sealed class Generator
{
    private const string DefaultSeedColumn = "Seed";

    private readonly IReadOnlyList<ITransformer> _steps;
    private readonly SamplerTransformer _sampler;

    private Generator(IReadOnlyList<ITransformer> steps, SamplerTransformer sampler)
    {
        _steps = steps;
        _sampler = sampler;
        Model = new TransformerChain<ITransformer>([.. steps]);
    }

    /// <summary>The steps that score.</summary>
    public TransformerChain<ITransformer> Model { get; }

    /// <summary>Takes the generating part out of a model.</summary>
    /// <exception cref="ArgumentException">The model has no denoiser or no sampler.</exception>
    public static Generator Of(ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var steps = ScoringSteps.Of(model);
        var sampler = steps.OfType<SamplerTransformer>().FirstOrDefault();
        return sampler is not null ? new Generator(steps, sampler)
            : throw new ArgumentException("The model has no sampler, so there is nothing to generate. Append d.Transforms.Sampler(\"Sample\") to the pipeline, or save it with ml.Model.Save.", nameof(model));
    }

    /// <summary>The conditions: the columns of the training data that samples depend on.</summary>
    /// <exception cref="InvalidOperationException">The model was loaded from a file, or needs columns that generation does not have.</exception>
    public DataViewSchema FindSchema()
    {
        var ancestors = _steps.OfType<DenoiserTransformer>().FirstOrDefault()?.Ancestors ?? [];
        if (ancestors.Count == 0)
            throw new InvalidOperationException("Which columns the generator needs is known only to models fitted in this process. Pass the schema of its input, for example the one that ml.Model.Load gave.");
        Exception? failure = null;
        foreach (var schema in ancestors)
        {
            try
            {
                return Restrict(schema);
            }
            catch (Exception e) when (e is (ArgumentException or InvalidOperationException) and not ObjectDisposedException)
            {
                failure ??= e;
            }
        }
        throw new InvalidOperationException($"The scoring steps of the model need columns that generation does not have: {failure!.Message} Append the steps that prepare training data with TransformerScope.TrainTest.", failure);
    }

    /// <summary>The columns of a schema that samples depend on. Checks that the model runs on them alone.</summary>
    /// <param name="schema">A schema on which the model runs.</param>
    public DataViewSchema Restrict(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        schema = ViewSources.Strip(schema);
        var mapper = ((ITransformer)Model).GetRowToRowMapper(schema);
        var before = SchemaBeforeSampler(schema).Where(column => !column.IsHidden).Select(column => column.Name).ToHashSet();
        before.Remove(_sampler.OutputColumn);
        var generated = mapper.OutputSchema.Where(column => !column.IsHidden && !before.Contains(column.Name));
        // A seed is no condition: rows may have the column or not, and of any integer type, which a schema in the file would not let them:
        // prediction engines want every column of it as a member of just this type.
        var needed = mapper.GetDependencies(generated).Where(column => column.Name != _sampler.SeedColumn).Select(column => column.Index).ToHashSet();
        // What keys were mapped from is read where it is there; a generator that takes the keys themselves needs it no more than training did.
        foreach (var keys in KeyColumns.Of(Model))
            if (keys.Column != keys.Keys && !keys.IsText && schema.GetColumnOrNull(keys.Keys) is not null && schema.GetColumnOrNull(keys.Column) is { } source)
                needed.Remove(source.Index);
        var builder = new DataViewSchema.Builder();
        foreach (var column in schema)
            if (needed.Contains(column.Index))
                builder.AddColumn(column.Name, column.Type);
        // ML.NET can not save a schema without columns.
        if (needed.Count == 0)
            builder.AddColumn(_sampler.SeedColumn ?? DefaultSeedColumn, NumberDataViewType.Int64);
        var restricted = builder.ToSchema();
        Model.GetOutputSchema(restricted);
        return restricted;
    }

    private DataViewSchema SchemaBeforeSampler(DataViewSchema schema)
    {
        foreach (var step in _steps.TakeWhile(step => step != _sampler))
            schema = step.GetOutputSchema(schema);
        return schema;
    }
}
