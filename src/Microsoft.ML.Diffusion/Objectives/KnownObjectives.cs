namespace Microsoft.ML.Diffusion;

/// <summary>Ready objectives.</summary>
public static class KnownObjectives
{
    /// <summary>The weighted squared error of what the network predicts.</summary>
    public static Objective Simple { get; } = new SimpleObjective();

    /// <summary>L_simple + 0.001·L_vlb, which learns the variance of reverse steps (Nichol and Dhariwal 2021, arXiv:2102.09672).</summary>
    public static Objective Hybrid { get; } = new HybridObjective();

    /// <summary>The variational bound itself, with a learned variance.</summary>
    public static Objective Variational { get; } = new VariationalObjective();
}
