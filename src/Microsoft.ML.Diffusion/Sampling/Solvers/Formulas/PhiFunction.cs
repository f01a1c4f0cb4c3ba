namespace Microsoft.ML.Diffusion;

/// <summary>The φ-functions of exponential integrators: φ_k(z) = ∫_0^1 e^(z(1−u))·u^(k−1)/(k−1)! du (Hochbruck and Ostermann 2010, eq. 2.10).</summary>
internal static class PhiFunction
{
    // Here 20 terms of the series are exact, and above the recursion loses no more than two digits.
    private const double Small = 1;
    private const int Terms = 20;

    /// <summary>φ_k(z).</summary>
    /// <param name="k">k, at least 1.</param>
    /// <param name="z">A finite number.</param>
    public static double Of(int k, double z)
    {
        if (Math.Abs(z) >= Small)
        {
            // φ_(k+1) = (φ_k − 1/k!)/z.
            double phi = ExpMinusOne.Of(z) / z, inverse = 1;
            for (int j = 1; j < k; j++)
            {
                inverse /= j;
                phi = (phi - inverse) / z;
            }
            return phi;
        }
        // Σ z^n/(n + k)!, to the last term that counts: short steps take a few.
        double term = 1;
        for (int j = 2; j <= k; j++)
            term /= j;
        double sum = term;
        for (int n = 1; n < Terms; n++)
        {
            term *= z / (n + k);
            double next = sum + term;
            if (next == sum)
                break;
            sum = next;
        }
        return sum;
    }
}
