namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// What the classes and words of a file of weights are, in its metadata: <c>classes.0</c> for the first condition of keys and so on. Weights know them as numbers alone, so those of a model with
/// other classes, or with the same in another order, would be taken without a word.
/// </summary>
internal static class ClassesOfWeights
{
    /// <summary>What a file says of the classes of its model.</summary>
    /// <param name="layout">The conditions of the model.</param>
    public static IEnumerable<KeyValuePair<string, string>> Metadata(ConditionLayout layout)
        => Known(layout).Select(known => KeyValuePair.Create(known.Name, ModelJson.Write(known.Classes)));

    /// <summary>Refuses weights of other classes; files that say nothing of them are taken.</summary>
    /// <param name="metadata">What the file says about itself.</param>
    /// <param name="layout">The conditions of the model that takes the weights.</param>
    /// <exception cref="InvalidDataException">The classes are others, or in another order; names both.</exception>
    public static void Check(IReadOnlyDictionary<string, string> metadata, ConditionLayout layout)
    {
        foreach (var (name, classes) in Known(layout))
            if (metadata.TryGetValue(name, out string? text) && Read(name, text) is var given && !given.Equals(classes))
                throw new InvalidDataException($"the weights are of a model whose classes are {given}, in this order; those of the model that takes them are {classes}");
    }

    private static IEnumerable<(string Name, Vocabulary Classes)> Known(ConditionLayout layout)
        => layout.Slots.OfType<KeyCondition>().Select((slot, i) => (Name: $"classes.{i}", Classes: slot.Values)).Where(slot => slot.Classes is not null).Select(slot => (slot.Name, slot.Classes!));

    private static Vocabulary Read(string name, string text)
    {
        try
        {
            return ModelJson.Read<Vocabulary>(text);
        }
        catch (FormatException exception)
        {
            throw new InvalidDataException($"its metadata '{name}' can not be read: {exception.Message}", exception);
        }
    }
}
