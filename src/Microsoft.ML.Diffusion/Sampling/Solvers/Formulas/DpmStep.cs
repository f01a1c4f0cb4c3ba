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
        var split = AncestralSplit.Of(NoiseLevel.FromRatio(Math.Exp(-from)), NoiseLevel.FromRatio(Math.Exp(-target)), eta, Math.Exp(-end));
        return new DpmStep(from, split.Down.Lambda - from, target, split.Fresh);
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
