namespace Microsoft.ML.Diffusion;

/// <summary>The probability-flow ODE between two levels while x̂0 stays the same: DDIM's step, the first term of every exponential integrator.</summary>
internal static class ConstantFlow
{
    /// <summary>σ_to/σ·x + α_to·(1 − e^(−h))·x̂0 with h = λ_to − λ; also from pure noise and to clean data, where h is infinite.</summary>
    /// <param name="from">The level of the state.</param>
    /// <param name="to">The level to reach, at most as noisy.</param>
    /// <param name="x">The state.</param>
    /// <param name="x0">The estimate x̂0.</param>
    public static LinearExpression To(NoiseLevel from, NoiseLevel to, LinearExpression x, LinearExpression x0)
        => to.Sigma / from.Sigma * x - to.Alpha * ExpMinusOne.Of(from.Lambda - to.Lambda) * x0;
}
