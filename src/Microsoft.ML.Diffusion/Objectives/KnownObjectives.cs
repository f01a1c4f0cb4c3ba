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

    /// <summary>Consistency training, for samples in one step from data alone (Song and Dhariwal 2023, arXiv:2310.14189).</summary>
    public static Objective ConsistencyTraining { get; } = new ConsistencyTrainingObjective();

    /// <summary>Consistency distillation, for samples in one step from a trained model (Song et al. 2023, arXiv:2303.01469).</summary>
    public static Objective ConsistencyDistillation { get; } = new ConsistencyDistillationObjective();
}
