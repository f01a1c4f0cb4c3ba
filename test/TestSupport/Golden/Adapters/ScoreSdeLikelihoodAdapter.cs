using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>score_sde's bits per dimension, by SciPy on the whole batch, with the recorded probes.</summary>
internal sealed class ScoreSdeLikelihoodAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (@case.Text("function") != "get_likelihood_fn" || Offset(settings) is not { } offset || ScoreSdeSchedule.Read(@case) is not { } sde)
            return false;
        var grid = new TimeGrid(sde.Schedule, [1, settings.Number("eps", 1e-5)]);
        using var data = @case["data"].ToTensor();
        if (!@case.Has("probes"))
        {
            using var result = Compute(file, settings, sde.Prior, grid, data, new FixedProbe(@case["probe"][0].Numbers()), 0);
            comparison.Equal("bits per dimension", Bits(result, data, offset), @case["bpd"].Numbers());
            comparison.Equal("z", result.Latent, @case["z"]);
            comparison.Equal("number of model calls", result.Evaluations, @case["nfe"].ToNumber());
            return true;
        }
        int index = 0;
        foreach (var probe in @case["probes"].EnumerateArray())
        {
            using var result = Compute(file, settings, sde.Prior, grid, data, new FixedProbe(probe.Numbers()), 0);
            comparison.Equal($"bits per dimension, probe {index}", Bits(result, data, offset), @case["bpd_per_probe"][index++].Numbers());
        }
        // The probes of all signs average to the trace; their runs took steps of their own, with errors of the order of the tolerance.
        using var exact = Compute(file, settings, sde.Prior, grid, data, new FixedProbe([]), (int)data.size(1));
        double rounding = 1e3 * settings.Number("rtol", 1e-5);
        comparison.Equal("bits per dimension, exact trace", Bits(exact, data, offset), @case["bpd_mean"].Numbers(), rounding);
        comparison.Equal("z", exact.Latent.data<double>().ToArray(), @case["z"].Numbers(), rounding);
        return true;
    }

    private static LikelihoodResult Compute(GoldenFile file, JsonElement settings, double prior, TimeGrid grid, Tensor data, INoiseSource probe, int exactDimensions)
    {
        var likelihood = new LogLikelihood(new LogLikelihoodOptions
        {
            ExactDimensions = exactDimensions,
            Probes = settings.Text("hutchinson_type", "Rademacher") == "Gaussian" ? KnownProbes.Gaussian : KnownProbes.Rademacher,
            PriorDeviation = prior,
            Stepping = new AdaptiveStepping
            {
                RelativeTolerance = settings.Number("rtol", 1e-5),
                AbsoluteTolerance = settings.Number("atol", 1e-5),
                WholeBatch = true,
            },
        });
        return likelihood.Compute(grid, file.Mixture(), data, Conditioning.None, probe);
    }

    private static double[] Bits(LikelihoodResult result, Tensor data, double offset)
        => [.. result.LogDensity.data<double>().Select(density => LogLikelihood.BitsPerDimension(density, (int)data.size(1)) + offset)];

    // 7 − inverse_scaler(−1): the reference's way from its model range to 256 values.
    private static double? Offset(JsonElement settings) => settings.Text("inverse_scaler", "identity") switch
    {
        "identity" => 8,
        "centered" or "(x+1)/2" or "(x + 1) / 2" => 7,
        _ => null,
    };
}
