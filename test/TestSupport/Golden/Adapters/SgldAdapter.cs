using System.Globalization;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>
/// Stochastic gradient Langevin dynamics on the model of Welling and Teh's section 5.1: x from ½N(θ1, v) + ½N(θ1 + θ2, v) with Gaussian priors, whose variances
/// the case states in words.
/// </summary>
internal sealed partial class SgldAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (!@case.Has("theta") || !@case.Has("minibatch_indices"))
            return false;
        double[] priors = Variances(settings.Text("prior")), likelihood = Variances(settings.Text("likelihood"));
        if (priors.Length != 2 || likelihood.Length != 2 || likelihood[0] != likelihood[1] || settings.Text("step") != "a(b+t)^-gamma")
            return false;
        var data = @case["data"].Numbers();
        var stepSize = new PolynomialStepSize(settings.Number("a", 0), settings.Number("b", 1), settings.Number("gamma", 0));
        var rule = new StochasticGradientLangevin(stepSize, settings.Whole("N", data.Length));
        using var theta = settings.GetProperty("theta0").ToTensor();
        var expected = @case["theta"].EnumerateArray().ToArray();
        for (int t = 0; t < expected.Length; t++)
        {
            var batch = @case["minibatch_indices"][t].Numbers().Select(index => data[(int)index]).ToArray();
            double[] now = theta.data<double>().ToArray(), score = [0, 0];
            foreach (double x in batch)
            {
                double first = x - now[0], second = x - now[0] - now[1];
                double share = 1 / (1 + Math.Exp((second * second - first * first) / (-2 * likelihood[0])));
                // The share of the first component, and what each pulls.
                score[0] += (share * first + (1 - share) * second) / likelihood[0];
                score[1] += (1 - share) * second / likelihood[0];
            }
            using var prior = tensor([-now[0] / priors[0], -now[1] / priors[1]]);
            using var pull = tensor(score);
            using var z = @case["z"][t].ToTensor();
            rule.Update(theta, prior, pull, batch.Length, t, z);
            comparison.Equal($"step {t}, ε", stepSize.At(t), @case["eps"][t].ToNumber());
            comparison.Equal($"step {t}, θ", theta, expected[t]);
        }
        return true;
    }

    // The second number of each N(…, v).
    private static double[] Variances(string text)
        => [.. VariancePattern().Matches(text).Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"N\([^,()]*,\s*([0-9.eE+-]+)\)")]
    private static partial Regex VariancePattern();
}
