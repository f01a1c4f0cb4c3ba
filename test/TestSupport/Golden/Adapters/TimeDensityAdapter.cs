using MathNet.Numerics.Distributions;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>diffusers' compute_density_for_timestep_sampling: Stable Diffusion 3's densities of training times.</summary>
internal sealed class TimeDensityAdapter : IGoldenAdapter
{
    private const string Prefix = "sd3_density_";

    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").EndsWith("compute_density_for_timestep_sampling", StringComparison.Ordinal))
            return false;
        // The scheme is told in the name alone.
        string scheme = @case.Params.Text("weighting_scheme", @case.Name.StartsWith(Prefix, StringComparison.Ordinal) ? @case.Name[Prefix.Length..] : "");
        var draws = @case["draws"].Numbers();
        (TimeDensity? density, double[] uniform) = scheme switch
        {
            // The reference draws normal numbers; the library maps uniform ones.
            "logit_normal" => (new LogitNormalTimeDensity(@case.Params.Number("logit_mean", 0), @case.Params.Number("logit_std", 1)), [.. draws.Select(z => Normal.CDF(0, 1, z))]),
            "mode" => (new ModeTimeDensity(@case.Params.Number("mode_scale", 1.29)), draws),
            "uniform" or "none" => (new UniformTimeDensity(), draws),
            _ => ((TimeDensity?)null, draws),
        };
        if (density is null)
            return false;
        comparison.Equal("u", [.. uniform.Select(density.Time)], @case["u"].Numbers());
        return true;
    }
}
