namespace Microsoft.ML.Diffusion;

/// <summary>How backward guidance climbs.</summary>
public static class KnownAscentRules
{
    /// <summary>Along the gradient, as published.</summary>
    public static AscentRule Gradient { get; } = new GradientAscent();

    /// <summary>Adam, as the authors run it.</summary>
    public static AscentRule Adam { get; } = new AdamAscent();
}
