namespace Microsoft.ML.Diffusion;

/// <summary>A step in λ of DPM-Solver, in variance-exploding form: σ = e^−λ.</summary>
/// <param name="From">λ at the start.</param>
/// <param name="Length">The length of its deterministic part; 0 for a row that idles.</param>
/// <param name="Target">λ at its end, with the noise that it adds.</param>
/// <param name="Added">The standard deviation of that noise.</param>
internal readonly record struct DpmStep(double From, double Length, double Target, double Added)
{
    public static DpmStep Of(double from, double length, double end, double eta)
    {
        double target = Math.Min(end, from + length);
        if (eta == 0 || length == 0)
            return new DpmStep(from, target - from, target, 0);
        // The ancestral step of k-diffusion: down to a cleaner level, and noise up to the target's.
        double before = Math.Exp(-from), after = Math.Exp(-target);
        double up = Math.Min(after, eta * Math.Sqrt(after * after * (before * before - after * after) / (before * before)));
        double reached = Math.Min(end, -Math.Log(Math.Sqrt(after * after - up * up)));
        double least = Math.Exp(-reached);
        return new DpmStep(from, reached - from, target, Math.Sqrt(Math.Max(0, after * after - least * least)));
    }

    /// <summary>λ at a share of the step.</summary>
    public double At(double share) => From + share * Length;

    /// <summary>σ at a share of the step.</summary>
    public double SigmaAt(double share) => Math.Exp(-At(share));

    /// <summary>e^(r·h) − 1.</summary>
    public double ExpMinusOneAt(double share) => ExpMinusOne.Of(share * Length);

    /// <summary>(e^(r·h) − 1)/(r·h) − 1.</summary>
    public double BendAt(double share) => Length == 0 ? 0 : ExpMinusOneAt(share) / (share * Length) - 1;
}
