namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>How often training left conditions out, so that a model knows what data looks like without them.</summary>
/// <remarks>Immutable and thread safe. Stored as JSON in model files.</remarks>
/// <param name="All">The probability, in [0, 1], with which all conditions of a row were left out together.</param>
/// <param name="Each">The probability with which a condition was left out on its own, by its name; 0 for conditions that are not named. None where null.</param>
public sealed record ConditionDropout(double All, IReadOnlyDictionary<string, double>? Each = null)
{
    /// <summary>Whether rows without some conditions were seen in training.</summary>
    /// <param name="left">The names of the conditions that are left out.</param>
    /// <param name="conditions">The names of all conditions.</param>
    public bool Covers(IReadOnlyCollection<string> left, IReadOnlyCollection<string> conditions)
        => left.Count == 0 || (All > 0 && conditions.All(left.Contains)) || left.All(name => Each is not null && Each.TryGetValue(name, out double own) && own > 0);
}
