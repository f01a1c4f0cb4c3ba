namespace Microsoft.ML.Diffusion;

/// <summary>The derivative of a <see cref="NoiseLevel"/> by time: what the probability-flow ODE needs.</summary>
/// <param name="Alpha">dα/dt.</param>
/// <param name="Sigma">dσ/dt.</param>
public readonly record struct LevelDerivative(double Alpha, double Sigma);
