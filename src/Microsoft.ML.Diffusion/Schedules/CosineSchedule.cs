namespace Microsoft.ML.Diffusion;

/// <summary>
/// ᾱ falls as a squared cosine, with β capped (Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 17); diffusers' squaredcos_cap_v2.
/// </summary>
/// <param name="steps">T, the number of steps; 2 … 100,000. 1000 unless given.</param>
/// <param name="offset">s, which keeps β from vanishing near the data; in (0, 1). 0.008 unless given.</param>
/// <param name="betaMax">The largest β; in (0, 1). 0.999 unless given.</param>
public sealed class CosineSchedule(int steps = 1000, double offset = 0.008, double betaMax = 0.999)
    : DiscreteSchedule(BetaTable.Cosine(steps, offset, betaMax))
{
    /// <summary>s, which keeps β from vanishing near the data.</summary>
    public double Offset { get; } = offset;

    /// <summary>The largest β.</summary>
    public double BetaMax { get; } = betaMax;
}
