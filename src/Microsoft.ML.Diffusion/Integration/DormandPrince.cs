namespace Microsoft.ML.Diffusion;

/// <summary>The method of order 5 of Dormand and Prince 1980 (doi:10.1016/0771-050X(80)90013-3): its last slope is the first of the next step.</summary>
internal static class DormandPrince
{
    public const int Stages = 7;

    /// <summary>Where in the step each slope is taken.</summary>
    public static double[] Nodes { get; } = [0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1, 1];

    /// <summary>What the slopes before weigh in the state at which each slope is taken; the last is the result of the step.</summary>
    public static double[][] Weights { get; } =
    [
        [],
        [1.0 / 5],
        [3.0 / 40, 9.0 / 40],
        [44.0 / 45, -56.0 / 15, 32.0 / 9],
        [19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729],
        [9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656],
        [35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84],
    ];

    /// <summary>What the slopes weigh in the state at the middle of the step (Shampine 1986, doi:10.1090/S0025-5718-1986-0815836-3).</summary>
    public static double[] MiddleWeights { get; } =
    [
        6025192743.0 / 30085553152 / 2,
        0,
        51252292925.0 / 65400821598 / 2,
        -2691868925.0 / 45128329728 / 2,
        187940372067.0 / 1594534317056 / 2,
        -1776094331.0 / 19743644256 / 2,
        11237099.0 / 235043384 / 2,
    ];
}
