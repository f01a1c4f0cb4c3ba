namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>What the rows of training teach of each condition.</summary>
internal static class ConditionRows
{
    /// <summary>Refuses conditions that no row has, and names classes that no row has.</summary>
    /// <param name="layout">The conditions.</param>
    /// <param name="rows">The training data.</param>
    /// <param name="goesOn">Whether training starts from a model, which knows them already.</param>
    /// <param name="warn">Is told of classes without rows.</param>
    /// <exception cref="InvalidOperationException">A condition is missing in every row.</exception>
    public static void Check(ConditionLayout layout, SampleBuffer rows, bool goesOn, Action<string> warn)
    {
        for (int i = 0; i < layout.Slots.Count; i++)
        {
            var slot = layout.Slots[i];
            if (!slot.ComesFromData)
                continue;
            if (IsMissing(slot, layout.OffsetOf(i), rows))
            {
                if (!goesOn)
                    throw new InvalidOperationException($"{NoneOf(rows.Count, "training")} a value in the condition column '{slot.Name}', so that nothing can be learned of it. {WhatIsMissing} Give rows values, or train without the column.");
                warn($"{NoneOf(rows.Count, "training")} a value in the condition column '{slot.Name}': of it the model keeps what it knew before.");
            }
            else if (slot is ClassCondition classes && new ClassRows(classes, layout.OffsetOf(i), rows) is { Absent.Count: > 0 } absent)
                warn($"{Plural.Of(absent.Absent.Count, "class has", "classes have", "n0")} no row in the training data, of the {classes.Count} that column '{slot.Name}' has keys for: {absent.AbsentNames}. {(goesOn ? "Of such classes the model keeps what it knew before." : "What a sample of such a class shows is not learned: map values to keys on the data that is trained on (ml.Transforms.Conversion.MapValueToKey).")}");
        }
    }

    /// <summary>The beginning of a sentence about rows that have nothing.</summary>
    public static string NoneOf(long rows, string what) => rows == 1 ? $"The only row of the {what} data does not have" : FormattableString.Invariant($"None of the {rows:n0} rows of the {what} data has");

    /// <summary>What counts as no value, as a sentence.</summary>
    public const string WhatIsMissing = "Blank texts, NaN and the key 0 are missing values.";

    private static bool IsMissing(ConditionSlot slot, int offset, SampleBuffer rows)
    {
        for (long row = 0; row < rows.Count; row++)
            if (!slot.IsMissing(rows.Conditions(row).Slice(offset, slot.Width)))
                return false;
        return true;
    }
}
