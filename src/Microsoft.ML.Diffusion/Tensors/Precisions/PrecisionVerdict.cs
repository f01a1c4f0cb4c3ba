namespace Microsoft.ML.Diffusion;

/// <summary>What a <see cref="PrecisionRace"/> found.</summary>
/// <param name="Precision">The faster precision.</param>
/// <param name="Ratio">The time in bf16 over that in Float32: the median of the pairs, or that of the best times where it is larger.</param>
/// <param name="Pairs">The number of pairs.</param>
/// <param name="Spent">The time that it took.</param>
internal readonly record struct PrecisionVerdict(Precision Precision, double Ratio, int Pairs, TimeSpan Spent)
{
    /// <inheritdoc/>
    public override string ToString()
        => FormattableString.Invariant($"{Precision}: bf16 takes {Ratio:0.00} of Float32's time ({Pairs} pairs in {Spent.TotalSeconds:0.0} s{(Pairs < PrecisionRace.LeastPairs ? ", too few to tell" : "")})");
}
