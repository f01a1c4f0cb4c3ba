namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>The keys of a model from which training starts, or which it asks: they are those of the training, and the data's are mapped to them by value.</summary>
internal static class TrainedKeys
{
    /// <summary>The conditions of the data with the keys of a model.</summary>
    /// <param name="layout">The conditions of the data.</param>
    /// <param name="model">The conditions of the model.</param>
    /// <param name="option">The option that holds it.</param>
    /// <param name="takesUnknown">Whether rows may have values that the model does not know: they are left out, or those values count as missing, where rows are read.</param>
    /// <exception cref="ArgumentException">The data has values that the model does not know, or keys that can not be told from the model's; names both.</exception>
    public static ConditionLayout Adopt(ConditionLayout layout, ConditionLayout model, string option, bool takesUnknown)
        => new([.. layout.Slots.Select((slot, place) => slot is KeyCondition given && Find(model, given, place) is { } trained ? Keys(given, trained, option, takesUnknown) : slot)]);

    // Columns may have got other names: then their order counts.
    private static KeyCondition? Find(ConditionLayout model, KeyCondition given, int place)
        => (model.Slots.FirstOrDefault(slot => slot.Name == given.Name) ?? model.Slots.ElementAtOrDefault(place)) is KeyCondition found && found.GetType() == given.GetType() ? found : null;

    private static KeyCondition Keys(KeyCondition given, KeyCondition trained, string option, bool takesUnknown)
    {
        // What does not fit for other reasons is refused where weights are compared.
        if (given.Values is null && given.KeyCount != trained.KeyCount)
            return given;
        var table = KeyTable.Between(given, trained, out string? why)
            ?? throw new ArgumentException($"Column '{given.Name}' has {given.Describe()}, but the model of the option {option} has {trained.Describe()}. {why}", option);
        if (!takesUnknown && table.UnknownKeys.FirstOrDefault() is > 0 and var key)
            throw new ArgumentException($"Column '{given.Name}' has {table.UnknownKeys.Count()} of {given.KeyCount} values that the model of the option {option} does not know, such as '{given.Values!.Values[key - 1]}'; it was trained with {trained.Values}. Leave out such rows, by the option {nameof(TrainerOptions.DropInvalidRows)}, take such values for missing, by the option {nameof(TrainerOptions.UnknownValues)} = {nameof(UnknownValues)}.{nameof(UnknownValues.Warn)} or {nameof(UnknownValues.Ignore)}, or train without that model.", option);
        return given.WithKeys(trained.KeyCount, trained.Values);
    }
}
