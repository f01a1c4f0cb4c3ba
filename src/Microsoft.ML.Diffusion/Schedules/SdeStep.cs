namespace Microsoft.ML.Diffusion;

/// <summary>One step of a forward chain: x_next = x + Drift·x + Diffusion·z with z from N(0, 1).</summary>
/// <param name="Drift">What of x is added to it; from −1 on.</param>
/// <param name="Diffusion">The standard deviation of the noise that is added.</param>
public readonly record struct SdeStep(double Drift, double Diffusion);
