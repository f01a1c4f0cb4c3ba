using System.Globalization;
using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Compares the numbers of one case.</summary>
public sealed class GoldenComparison
{
    /// <summary>
    /// Both sides compute in double, in another order: rounding of 1e-16 grows by the condition of a run (noise of 1e2 to data of 1, and
    /// ε = (x − α·x0)/σ at σ of 1e-3), to 1e-11 at most. A wrong coefficient shows at 1e-4 and above.
    /// </summary>
    public const double Tolerance = 1e-9;

    private readonly List<string> _mismatches = [];

    /// <summary>How many numbers were compared.</summary>
    public int Count { get; private set; }

    /// <summary>What differs: name, numbers, error and tolerance.</summary>
    public IReadOnlyList<string> Mismatches => _mismatches;

    public void Equal(string what, double actual, double expected, double tolerance = Tolerance) => Equal(what, [actual], [expected], tolerance);

    public void Equal(string what, Tensor actual, JsonElement expected) => Equal(what, actual.data<double>().ToArray(), expected.Numbers());

    /// <summary>Compares number by number; the error of large numbers is relative.</summary>
    public void Equal(string what, IReadOnlyList<double> actual, IReadOnlyList<double> expected, double tolerance = Tolerance)
        => Compare(what, actual, expected, tolerance, isRelative: true);

    /// <summary>Compares number by number: errors of the sums behind an output do not grow with each single number.</summary>
    public void Within(string what, IReadOnlyList<double> actual, IReadOnlyList<double> expected, double tolerance)
        => Compare(what, actual, expected, tolerance, isRelative: false);

    private void Compare(string what, IReadOnlyList<double> actual, IReadOnlyList<double> expected, double tolerance, bool isRelative)
    {
        if (actual.Count != expected.Count)
        {
            _mismatches.Add($"{what}: got {actual.Count} numbers, expected {expected.Count}");
            return;
        }
        for (int i = 0; i < actual.Count; i++)
        {
            Count++;
            // Also true for NaN; equal infinities are equal.
            if (actual[i].Equals(expected[i]))
                continue;
            double error = Math.Abs(actual[i] - expected[i]) / (isRelative ? Math.Max(1, Math.Abs(expected[i])) : 1);
            if (error <= tolerance)
                continue;
            _mismatches.Add(string.Create(CultureInfo.InvariantCulture, $"{what}[{i}]: got {actual[i]:r}, expected {expected[i]:r}, error {error:e1} above {tolerance:e1}"));
            return;
        }
    }
}
