using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The shapes of the columns that a classifier adds.</summary>
internal static class ClassifierShapes
{
    private const string KeyValues = "KeyValues", SlotNames = "SlotNames";

    /// <summary>The shapes of the likeliest label and of the probabilities.</summary>
    /// <param name="label">The label column.</param>
    /// <param name="predictedLabel">The name of the one.</param>
    /// <param name="score">The name of the other.</param>
    public static SchemaShape.Column[] Of(SchemaShape.Column label, string predictedLabel, string score)
    {
        // Values of types that a classifier does not keep are not promised.
        var values = label.Annotations.TryFindColumn(KeyValues, out var found) && Transforms.KeyValues.Keeps(found.ItemType) ? found.ItemType : null;
        return
        [
            Shapes.Key(predictedLabel, values is null ? [] : [Shapes.Vector(KeyValues, values)]),
            Shapes.Vector(score, values is null ? [] : [Shapes.Vector(SlotNames, TextDataViewType.Instance)]),
        ];
    }
}
