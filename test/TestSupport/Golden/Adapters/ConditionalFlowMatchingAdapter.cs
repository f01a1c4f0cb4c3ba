using System.Text.RegularExpressions;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>
/// torchcfm's conditional flow matching, whose time runs from noise (0) to data (1): independent pairs of noise x0 and data x1 on a straight line or a quarter circle with noise of
/// σ around it, and the target-conditional path, which ends with noise of σ.
/// </summary>
internal sealed partial class ConditionalFlowMatchingAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Has("x1") || !@case.Has("u_t") || Kind().Match(@case.Text("source")) is not { Success: true } kind)
            return false;
        double sigma = @case.Params.Number("sigma", 0);
        bool target = kind.Groups[1].Value == "Target";
        NoiseSchedule schedule = kind.Groups[1].Value switch
        {
            "Target" => new RectifiedFlowSchedule(sigmaMin: sigma),
            "VariancePreserving" => new CosineFlowSchedule(),
            _ => new RectifiedFlowSchedule(),
        };
        var process = new GaussianProcess(schedule);
        var levels = new NoiseLevels([.. @case["t"].Numbers().Select(t => schedule.At(1 - t))]);
        using var data = @case["x1"].ToTensor();
        using var noise = @case[target ? "epsilon" : "x0"].ToTensor();
        using var around = @case["epsilon"].ToTensor();
        using var path = process.Corrupt(data, noise, levels);
        using var mean = target ? levels.Multiply(data, level => level.Alpha) : path.alias();
        using var x = target ? path.alias() : process.Corrupt(path, around, NoiseLevel.FromRatio(sigma));
        using var velocity = new VelocityParameterization(schedule).Target(path, data, levels);
        using var turned = velocity.neg();
        comparison.Equal("mu_t", mean, @case["mu_t"]);
        comparison.Equal("x_t", x, @case["x_t"]);
        comparison.Equal("u_t", turned, @case["u_t"]);
        return true;
    }

    // Pairings within a batch are other classes.
    [GeneratedRegex(@"\b(Target|VariancePreserving|)ConditionalFlowMatcher\b")]
    private static partial Regex Kind();
}
