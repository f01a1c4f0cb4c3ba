namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// The weights of an average of the training trajectory that forgets at a constant fraction of the run, however long it gets:
/// power-function EMA (Karras et al. 2024, arXiv:2312.02696, section 3.1). The average after step t weighs step τ by τ^γ.
/// </summary>
internal static class PowerFunctionAverage
{
    /// <summary>The largest relative length: that of the plain average, γ = 0 (eq. 123 with γ = 0 is 1/√12).</summary>
    public static double LargestLength { get; } = Math.Sqrt(1.0 / 12);

    /// <summary>γ for a relative length.</summary>
    /// <param name="length">σ_rel, the standard deviation of the average's profile as a fraction of the run, in (0, 1/√12].</param>
    public static double Exponent(double length)
    {
        // σ_rel² = (γ + 1)/((γ + 2)²·(γ + 3)) falls with γ: bisection.
        double low = 0, high = 1;
        while (Length(high) > length)
            high *= 2;
        for (int i = 0; i < 100; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = Length(middle) > length ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }

    /// <summary>σ_rel of an exponent (eq. 123).</summary>
    /// <param name="exponent">γ; not negative.</param>
    public static double Length(double exponent) => Math.Sqrt((exponent + 1) / (exponent + 3)) / (exponent + 2);

    /// <summary>How much of the average a step replaces by its own parameters: 1 − β, β = (1 − 1/t)^(γ+1) (eq. 121).</summary>
    /// <param name="exponent">γ.</param>
    /// <param name="step">t, from 1: the first step replaces all.</param>
    public static double WeightAt(double exponent, long step) => 1 - Math.Pow(1 - 1.0 / step, exponent + 1);
}
