namespace Microsoft.ML.Diffusion;

/// <summary>Ready parameterizations.</summary>
public static class KnownParameterizations
{
    /// <summary>The network predicts the noise ε.</summary>
    public static Parameterization Epsilon { get; } = new EpsilonParameterization();

    /// <summary>The network predicts the clean data x0.</summary>
    public static Parameterization X0 { get; } = new X0Parameterization();

    /// <summary>The network predicts v = α·ε − σ·x0.</summary>
    public static Parameterization V { get; } = new VParameterization();

    /// <summary>The network predicts the score times the noise, for variance-exploding schedules.</summary>
    public static Parameterization Score { get; } = new ScoreParameterization();

    /// <summary>The network predicts rectified flow's velocity ε − x0.</summary>
    public static Parameterization Velocity { get; } = new VelocityParameterization();

    /// <summary>EDM's preconditioning for data of deviation 0.5.</summary>
    public static Parameterization Edm { get; } = new EdmParameterization();

    /// <summary>A consistency function for data of deviation 0.5, the identity at σ/α = 0.002.</summary>
    public static Parameterization Consistency { get; } = new ConsistencyParameterization();
}
