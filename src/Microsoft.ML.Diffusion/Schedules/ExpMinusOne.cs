namespace Microsoft.ML.Diffusion;

/// <summary>eˣ − 1 with all its digits near 0. (.NET's <c>ExpM1</c> subtracts; MathNet's is good to 1e-8 only.)</summary>
internal static class ExpMinusOne
{
    /// <summary>eˣ − 1.</summary>
    /// <param name="x">Any number; −1 for −∞.</param>
    public static double Of(double x)
    {
        // Kahan: the rounding error of eˣ cancels in (u − 1)/ln u.
        double u = Math.Exp(x);
        if (u == 1)
            return x;
        double difference = u - 1;
        return difference == -1 || double.IsInfinity(u) ? difference : difference * x / Math.Log(u);
    }
}
