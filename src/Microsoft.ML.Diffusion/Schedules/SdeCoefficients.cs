namespace Microsoft.ML.Diffusion;

/// <summary>The coefficients of the linear SDE dx = f·x dt + g dw that a schedule stands for (Song et al. 2021, arXiv:2011.13456, eq. 5).</summary>
/// <param name="Drift">f = α'/α; −∞ where α is 0.</param>
/// <param name="DiffusionSquared">g² = 2σσ' − 2fσ²: the rate at which fresh noise comes in.</param>
public readonly record struct SdeCoefficients(double Drift, double DiffusionSquared);
