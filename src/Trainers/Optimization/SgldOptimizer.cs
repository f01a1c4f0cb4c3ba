namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Stochastic gradient Langevin dynamics (Welling and Teh 2011, eq. 4): gradient steps with noise, which after a while sample weights from their posterior
/// instead of falling to a minimum.
/// </summary>
/// <remarks>
/// <para>
/// Their step, θ ← θ + ε/2·(∇log p(θ) + N/n·Σ∇log p(xᵢ|θ)) + √ε·ξ, with the loss of a row as −log p(xᵢ|θ): the sum over a batch of n rows of N, scaled by N/n, is
/// N times the gradient of the mean loss. The trainer's learning rate η = ε·N/2 is thus that of plain gradient descent, and the noise added in a step has the variance 2·η/N,
/// times the temperature. The trainer's weight decay λ is a normal prior of precision N·λ.
/// </para>
/// <para>
/// Clip gradients only far above their usual norm: what is clipped is no longer the posterior's. The learning rate must fall or be small: its course decides the error of
/// discretisation. <see cref="ThinnedAverage"/> as <see cref="TrainerOptions.Average"/> averages thinned samples after a burn-in.
/// </para>
/// </remarks>
/// <param name="temperature">T: weights follow the posterior to the power 1/T. 0 is plain gradient descent. Finite, not negative; 1 unless given.</param>
public sealed class SgldOptimizer(double temperature = 1) : WeightOptimizer
{
    /// <summary>T.</summary>
    public double Temperature { get; } = temperature is >= 0 and < double.PositiveInfinity ? temperature : throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "The temperature must be finite and not negative.");

    internal override FlatOptimizer Start(OptimizerTask task) => new FlatSgld(task, this);
}
