namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>What estimators that learn nothing do in Fit.</summary>
internal static class RowTransformerExtensions
{
    /// <summary>The transformer itself, after a look at the data's schema.</summary>
    /// <param name="transformer">The transformer.</param>
    /// <param name="input">The data; only its schema is read.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type; names it.</exception>
    public static T BoundTo<T>(this T transformer, IDataView input)
        where T : RowTransformer
    {
        ArgumentNullException.ThrowIfNull(input);
        transformer.GetOutputSchema(input.Schema);
        return transformer;
    }
}
