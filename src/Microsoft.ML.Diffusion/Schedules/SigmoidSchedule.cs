namespace Microsoft.ML.Diffusion;

/// <summary>
/// ᾱ falls along a logistic curve, with β capped (Jabri et al. 2023, arXiv:2212.11972; Chen 2023, arXiv:2301.10972): more noise
/// than the cosine where pictures are large.
/// </summary>
/// <param name="steps">T, the number of steps; 2 … 100,000. 1000 unless given.</param>
/// <param name="start">Where on the curve ᾱ begins; finite. −3 unless given.</param>
/// <param name="end">Where on the curve ᾱ ends; above <paramref name="start"/>, finite. 3 unless given.</param>
/// <param name="temperature">τ, by which the curve is stretched; positive. 1 unless given: smaller is steeper.</param>
/// <param name="betaMax">The largest β; in (0, 1). 0.999 unless given.</param>
public sealed class SigmoidSchedule(int steps = 1000, double start = -3, double end = 3, double temperature = 1, double betaMax = 0.999)
    : DiscreteSchedule(BetaTable.Sigmoid(steps, start, end, temperature, betaMax))
{
    /// <summary>Where on the curve ᾱ begins.</summary>
    public double Start { get; } = start;

    /// <summary>Where on the curve ᾱ ends.</summary>
    public double End { get; } = end;

    /// <summary>τ, by which the curve is stretched.</summary>
    public double Temperature { get; } = temperature;

    /// <summary>The largest β.</summary>
    public double BetaMax { get; } = betaMax;
}
