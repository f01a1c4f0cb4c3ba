using Microsoft.ML.Diffusion.Trainers;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' EMAModel: its decays, and the average of weights that move.</summary>
internal sealed class WeightAverageAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").EndsWith("EMAModel", StringComparison.Ordinal))
            return false;
        var settings = @case.Params;
        var average = new ExponentialAverage(
            settings.Number("decay", 0.9999),
            settings.Flag("use_ema_warmup") ? settings.Number("power", 2.0 / 3) : null,
            settings.Number("inv_gamma", 1),
            settings.Number("min_decay", 0),
            settings.Whole("update_after_step"));
        double[] shadow = @case["initial"].Numbers();
        var weights = @case["params_after_update"].EnumerateArray().Select(row => row.Numbers()).ToArray();
        var decays = new double[weights.Length];
        for (int step = 1; step <= weights.Length; step++)
        {
            double share = average.WeightAt(step);
            decays[step - 1] = 1 - share;
            for (int i = 0; i < shadow.Length; i++)
                shadow[i] += share * (weights[step - 1][i] - shadow[i]);
            comparison.Equal($"shadow[{step - 1}]", shadow, @case["shadow"][step - 1].Numbers());
        }
        comparison.Equal("decay", decays, @case["decay"].Numbers());
        foreach (var at in @case["decay_at"].EnumerateObject())
            comparison.Equal($"decay_at {at.Name}", 1 - average.WeightAt(long.Parse(at.Name, System.Globalization.CultureInfo.InvariantCulture)), at.Value.ToNumber());
        return true;
    }
}
