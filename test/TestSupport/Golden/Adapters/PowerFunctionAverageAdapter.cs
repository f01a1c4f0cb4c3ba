using Microsoft.ML.Diffusion.Trainers;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>EDM2's power-function averages: lengths and exponents, decays, profiles, and those of stored averages in others.</summary>
internal sealed class PowerFunctionAverageAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").EndsWith("phema.py", StringComparison.Ordinal))
            return false;
        PowerFunctionAverage[] averages = [.. @case.Params.GetProperty("stds").Numbers().Select(length => new PowerFunctionAverage(length))];
        if (@case.Has("std_to_exp"))
            comparison.Equal("std_to_exp", [.. averages.Select(average => average.Exponent)], @case["std_to_exp"].Numbers());
        if (@case.Has("exp_to_std"))
            // The way back: the exponents of the lengths are those given.
            comparison.Equal("exp_to_std", [.. @case["exp_to_std"].Numbers().Select(length => new PowerFunctionAverage(length).Exponent)], @case["exp_in"].Numbers());
        if (@case.Has("beta"))
        {
            double[][] times = [.. @case["beta_args"].EnumerateArray().Select(row => row.Numbers())];
            comparison.Equal("beta", [.. averages.SelectMany(average => times.Select(time => average.DecayBetween(time[0] - time[1], time[0])))], @case["beta"].Numbers());
        }
        if (@case.Has("posthoc_coeffs"))
        {
            (double, double)[] stored = [.. @case["posthoc_in_ofs"].Numbers().Zip(@case["posthoc_in_std"].Numbers())];
            double[][] wanted = [.. @case["posthoc_out"].EnumerateArray().Select(row => row.Numbers())];
            double[][] weights = [.. wanted.Select(average => PostHocAverage.Weights(stored, average[0], average[1]))];
            comparison.Equal("posthoc_coeffs", [.. stored.SelectMany((_, row) => weights.Select(column => column[row]))], @case["posthoc_coeffs"].Numbers());
        }
        if (@case.Has("response"))
            CompareResponses(comparison, [.. @case["response"].EnumerateArray().Select(row => row.Numbers())], averages);
        return true;
    }

    // Where each column was taken shows at its end; which length it has the file does not say: one of the list.
    private static void CompareResponses(GoldenComparison comparison, double[][] rows, PowerFunctionAverage[] averages)
    {
        for (int column = 0; column < rows[0].Length; column++)
        {
            double[] expected = [.. rows.Select(row => row[column])];
            int end = Array.FindLastIndex(expected, value => value != 0);
            double[][] profiles = [.. averages.Select(average => Profile(average, end, expected.Length))];
            double[] nearest = profiles.MinBy(profile => profile.Zip(expected, (a, b) => Math.Abs(a - b)).Max())!;
            comparison.Equal($"response {column}", nearest, expected);
        }
    }

    // Steps 0 … end weigh the γ-th power of their number.
    private static double[] Profile(PowerFunctionAverage average, int end, int length)
    {
        double[] profile = [.. Enumerable.Range(0, length).Select(step => step <= end ? Math.Pow((double)step / end, average.Exponent) : 0)];
        double sum = profile.Sum();
        return [.. profile.Select(value => value / sum)];
    }
}
