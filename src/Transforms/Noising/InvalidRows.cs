namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>What becomes of rows that are not valid: the first ends reading, or all are counted and left out.</summary>
/// <param name="areDropped">Whether they are left out.</param>
internal sealed class InvalidRows(bool areDropped)
{
    private string? _first;

    /// <summary>How many were left out.</summary>
    public long Count { get; private set; }

    /// <summary>What the log should say; null where all rows were valid.</summary>
    public string? Warning => _first is null ? null : FormattableString.Invariant($"{Count:n0} row{(Count == 1 ? " is" : "s are")} left out because of values that are not valid. The first: {_first}");

    /// <summary>Counts a row.</summary>
    /// <param name="problem">Where and what.</param>
    /// <param name="hint">What may help, beside leaving it out.</param>
    /// <exception cref="InvalidOperationException">Rows are not left out.</exception>
    public void Add(string problem, string hint = "")
    {
        if (!areDropped)
            throw new InvalidOperationException($"{problem}{hint} The option {nameof(NoiseScheduleEstimator.Options.DropInvalidRows)} leaves such rows out.");
        _first ??= problem;
        Count++;
    }
}
