using System.Text.RegularExpressions;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>EDM's preconditioners around a network given as a formula. Those of VP and iDDPM are ε's, and differ in what the network is told about the level.</summary>
internal sealed partial class EdmPreconditioningAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Has("D") || !@case.Has("sigma") || FormulaNetwork.Read(@case.Text("inner_model")) is not { } network)
            return false;
        var settings = @case.Params;
        double[] ratios = @case["sigma"].Numbers();
        Parameterization parameterization;
        Func<double, double> told, rounded = ratio => ratio;
        (double Least, double Most)? range = null;
        switch (Kind().Match(@case.Text("source")).Groups[1].Value)
        {
            case "VP":
                parameterization = KnownParameterizations.Epsilon;
                double betaMin = settings.Number("beta_min", 0.1);
                var vp = new VpSchedule(betaMin, betaMin + settings.Number("beta_d", 19.9));
                told = ratio => new ScheduleTimeInput(vp, settings.Number("M", 1000) - 1).Of(NoiseLevel.FromRatio(ratio));
                range = (vp.At(settings.Number("epsilon_t", 1e-5)).Ratio, vp.At(1).Ratio);
                break;
            case "VE":
                parameterization = KnownParameterizations.Score;
                told = ratio => new LogRatioInput(1, 2).Of(NoiseLevel.FromRatio(ratio));
                break;
            case "iDDPM":
                parameterization = KnownParameterizations.Epsilon;
                var cosine = new CosineSchedule(settings.Whole("M", 1000), settings.Number("C_2", 0.008), 1 - settings.Number("C_1", 0.001));
                // The nearest step, or clean data, step −1.
                int StepOf(double ratio) => Enumerable.Range(-1, cosine.Steps + 1).MinBy(step => Math.Abs(cosine.LevelOf(step).Ratio - ratio));
                told = ratio => StepOf(ratio);
                rounded = ratio => cosine.LevelOf(StepOf(ratio)).Ratio;
                range = cosine.RatioRange;
                break;
            case "EDM":
                parameterization = new EdmParameterization(settings.Number("sigma_data", 0.5));
                told = ratio => KnownLevelInputs.LogRatio.Of(NoiseLevel.FromRatio(ratio));
                break;
            default:
                return false;
        }
        var levels = new NoiseLevels([.. ratios.Select(NoiseLevel.FromRatio)]);
        using var x = @case["x"].ToTensor();
        using var input = levels.Multiply(x, level => parameterization.At(level).In);
        using var answer = network.Answer(input, ratios.Select(told));
        using var denoised = parameterization.Denoise(x, answer, levels);
        comparison.Equal("D", denoised, @case["D"]);
        comparison.Equal("rounded sigma", [.. ratios.Select(rounded)], @case["rounded_sigma"].Numbers());
        // Where the range follows from other numbers.
        if (range is { } known && @case.Has("sigma_min") && @case.Has("sigma_max"))
            comparison.Equal("range", [known.Least, known.Most], [@case["sigma_min"].ToNumber(), @case["sigma_max"].ToNumber()]);
        return true;
    }

    [GeneratedRegex(@"\b(VP|VE|iDDPM|EDM)Precond\b")]
    private static partial Regex Kind();
}
