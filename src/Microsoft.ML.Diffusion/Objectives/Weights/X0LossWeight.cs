namespace Microsoft.ML.Diffusion;

/// <summary>A weight of the error in x0 that depends on the signal-to-noise ratio alone, whatever the network predicts.</summary>
public abstract class X0LossWeight : LossWeight
{
    /// <summary>The weight at a signal-to-noise ratio; not negative.</summary>
    /// <param name="snr">α²/σ², from 0 (pure noise) up; finite.</param>
    public abstract double At(double snr);

    /// <inheritdoc/>
    public sealed override double OnX0(NoiseLevel level, Parameterization parameterization)
    {
        double root = level.Alpha / level.Sigma;
        return At(root * root);
    }
}
