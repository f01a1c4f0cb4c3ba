namespace Microsoft.ML.Diffusion;

/// <summary>
/// How a step length follows errors: e₁^(−(P+I+D)/q)·e₂^((P+2D)/q)·e₃^(−D/q) for the last three errors and the order q (Söderlind 2003, doi:10.1145/641876.641877).
/// </summary>
/// <param name="Proportional">P; how the change of the error counts.</param>
/// <param name="Integral">I; how the error counts.</param>
/// <param name="Derivative">D; how the bend of the error counts.</param>
public sealed record PidGains(double Proportional, double Integral, double Derivative);
