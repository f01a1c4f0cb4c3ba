namespace Microsoft.ML.Diffusion;

/// <summary>Explicit Runge–Kutta methods (Hairer, Nørsett and Wanner 1993, Solving Ordinary Differential Equations I, section II.1).</summary>
public static class KnownTableaus
{
    /// <summary>Euler's method: order 1.</summary>
    public static ButcherTableau Euler { get; } = new([[]], [1]);

    /// <summary>The midpoint method: order 2.</summary>
    public static ButcherTableau Midpoint { get; } = TwoStage(1 / 2.0);

    /// <summary>Heun's method: order 2.</summary>
    public static ButcherTableau Heun { get; } = TwoStage(1);

    /// <summary>Heun's method of order 3.</summary>
    public static ButcherTableau Heun3 { get; } = new([[], [1 / 3.0], [0, 2 / 3.0]], [1 / 4.0, 0, 3 / 4.0]);

    /// <summary>The Runge–Kutta method: order 4.</summary>
    public static ButcherTableau Classic4 { get; } = new([[], [1 / 2.0], [0, 1 / 2.0], [0, 0, 1]], [1 / 6.0, 1 / 3.0, 1 / 3.0, 1 / 6.0]);

    /// <summary>Kutta's 3/8 rule: order 4, with smaller errors than the classic one; torchdiffeq's "rk4".</summary>
    public static ButcherTableau ThreeEighths { get; } = new([[], [1 / 3.0], [-1 / 3.0, 1], [1, -1, 1]], [1 / 8.0, 3 / 8.0, 3 / 8.0, 1 / 8.0]);

    /// <summary>The two-stage method of order 2 whose second stage lies at a fraction of the step, in (0, 1].</summary>
    internal static ButcherTableau TwoStage(double stage) => new([[], [stage]], [1 - 1 / (2 * stage), 1 / (2 * stage)]);
}
