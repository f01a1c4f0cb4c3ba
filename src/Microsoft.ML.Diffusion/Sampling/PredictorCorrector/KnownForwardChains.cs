namespace Microsoft.ML.Diffusion;

/// <summary>Ready chains of noising steps.</summary>
public static class KnownForwardChains
{
    /// <summary>The levels of the grid.</summary>
    public static IForwardChain Levels { get; } = new LevelChain();

    /// <summary>The schedule's own chain, in even steps, as the score-SDE reference has it.</summary>
    public static IForwardChain Uniform { get; } = new UniformChain();
}
