using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>An ordinary differential equation of rows, each at a time of its own.</summary>
internal interface IRowOde
{
    /// <summary>How many numbers of a row each part of the state has.</summary>
    IReadOnlyList<int> Parts { get; }

    /// <summary>dy/dt of each row [B, n]: a fresh tensor.</summary>
    /// <param name="state">y [B, n].</param>
    /// <param name="times">The time of each row.</param>
    Tensor Slope(Tensor state, double[] times);

    /// <summary>The noise level at a time, for errors.</summary>
    NoiseLevel LevelAt(double time);
}
