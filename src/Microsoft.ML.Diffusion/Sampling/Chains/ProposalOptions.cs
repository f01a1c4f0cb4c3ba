namespace Microsoft.ML.Diffusion;

/// <summary>The checks of what proposals are told.</summary>
internal static class ProposalOptions
{
    /// <summary>A length, as given.</summary>
    public static double CheckPositive(double value, string name)
        => value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, $"Expected a positive, finite number for {name}, got {value}.");
}
