using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Gathers losses of rows by noise level: in stretches of equal probability under the distribution that levels are drawn from.</summary>
internal sealed class LevelLosses
{
    private const int Stretches = 20;

    // Clean data and pure noise have no logarithm.
    private const double LeastRatio = 1e-5, GreatestRatio = 1e5;

    private readonly double[] _losses = new double[Stretches], _logarithms = new double[Stretches];
    private readonly int[] _rows = new int[Stretches];

    /// <summary>The mean of all losses.</summary>
    public double Mean => _losses.Sum() / _rows.Sum();

    /// <summary>Adds the rows of a batch.</summary>
    /// <param name="losses">The loss of each row.</param>
    /// <param name="uniforms">The number in (0, 1) of each row, from which its level was drawn.</param>
    /// <param name="levels">The level of each row.</param>
    public void Add(ReadOnlySpan<float> losses, double[] uniforms, NoiseLevels levels)
    {
        for (int row = 0; row < losses.Length; row++)
        {
            int stretch = Math.Min(Stretches - 1, (int)(uniforms[row] * Stretches));
            _losses[stretch] += losses[row];
            _logarithms[stretch] += Math.Log(Math.Clamp(levels[row].Ratio, LeastRatio, GreatestRatio));
            _rows[stretch]++;
        }
    }

    /// <summary>The means of the stretches that have rows, from little noise to much.</summary>
    public IReadOnlyList<LevelLoss> Means =>
        [.. Enumerable.Range(0, Stretches).Where(i => _rows[i] > 0).Select(i => new LevelLoss(Math.Exp(_logarithms[i] / _rows[i]), _losses[i] / _rows[i], _rows[i])).OrderBy(loss => loss.Ratio)];
}
