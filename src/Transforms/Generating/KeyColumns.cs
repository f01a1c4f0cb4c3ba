using System.Globalization;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The columns of a model whose rows name one value out of those that it knows, or several, as the words of a text.</summary>
internal static class KeyColumns
{
    /// <summary>What a column of a model may hold.</summary>
    /// <param name="Column">The name of the column; of the one that keys were mapped from, where that is known.</param>
    /// <param name="Keys">The name of the column of keys.</param>
    /// <param name="IsText">Whether a row has several values: words.</param>
    /// <param name="Values">The values.</param>
    public sealed record Entry(string Column, string Keys, bool IsText, IReadOnlyList<string> Values);

    /// <summary>All columns of a model, in the order of its steps.</summary>
    public static IEnumerable<Entry> Of(ITransformer model)
    {
        DenoiserTransformer? denoiser = null;
        foreach (var step in ScoringSteps.Of(model))
        {
            denoiser = step as DenoiserTransformer ?? denoiser;
            foreach (var entry in OfStep(step, denoiser))
                yield return entry;
        }
    }

    private static IEnumerable<Entry> OfStep(ITransformer step, DenoiserTransformer? denoiser) => step switch
    {
        TokenizeTextTransformer text => [new Entry(text.InputColumn, text.OutputColumn, true, text.Tokenizer.Vocabulary)],
        DenoiserTransformer trained => OfLayout(trained.Spec.Conditions, trained.Columns.Conditions, trained.Columns.ConditionSources),
        ContrastiveTransformer trained => OfLayout(trained.ConditionEncoder.Layout, trained.Columns.Conditions, trained.Columns.ConditionSources),
        ClassifierTransformer trained => [new Entry(trained.Columns.Label, trained.Columns.Label, false, ValuesOf(trained.Classifier.Labels, trained.Classifier.Classes))],
        GuidanceTransformer guidance when denoiser is not null => guidance.KeyColumns(denoiser.Spec).Select(found => Make(found.Keys, found.Column.Column, found.Column.Source)),
        _ => [],
    };

    private static IEnumerable<Entry> OfLayout(ConditionLayout layout, IReadOnlyList<string> columns, IReadOnlyList<KeySource>? sources)
        => layout.Slots.Where(slot => slot.ComesFromData).Zip(columns)
            .Select((pair, i) => pair.First is KeyCondition keys ? Make(keys, pair.Second, sources?.ElementAtOrDefault(i)) : null).OfType<Entry>();

    private static Entry Make(KeyCondition keys, string column, KeySource? source) => new(source?.Column ?? column, column, keys is TokensCondition, ValuesOf(keys.Values, keys.KeyCount));

    // Keys without values have no other name than their number.
    private static IReadOnlyList<string> ValuesOf(Vocabulary? values, int count)
        => values?.Values ?? [.. Enumerable.Range(1, count).Select(key => key.ToString(CultureInfo.InvariantCulture))];
}
