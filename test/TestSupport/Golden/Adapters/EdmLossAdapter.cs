using System.Text.RegularExpressions;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>EDM's losses of the exact denoiser: the VP and VE SDEs' and its own, which differ in how levels are drawn and weighted.</summary>
internal sealed partial class EdmLossAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").Contains("training/loss.py", StringComparison.Ordinal) || !@case.Has("images"))
            return false;
        var settings = @case.Params;
        double[][] normals = [.. @case["normals"].EnumerateArray().Select(draw => draw.Numbers())];
        double[] uniform = @case["uniform"].Numbers();
        // Which loss it is stands in the name alone.
        (IEnumerable<double> ratios, Parameterization parameterization, LossWeight weight)? loss = Kind().Match(@case.Name).Groups[1].Value switch
        {
            "VP" => (VpRatios(), KnownParameterizations.Epsilon, KnownLossWeights.Snr),
            "VE" => (uniform.Select(new VeSchedule(settings.Number("sigma_min", 0.02), settings.Number("sigma_max", 100)).At).Select(level => level.Ratio), KnownParameterizations.Score, KnownLossWeights.Snr),
            "EDM" => (normals[0].Select(z => Math.Exp(z * settings.Number("P_std", 1.2) + settings.Number("P_mean", -1.2))), Edm(), new UniformLossWeight(Edm())),
            _ => null,
        };
        if (loss is not { } known)
            return false;
        var levels = new NoiseLevels([.. known.ratios.Select(NoiseLevel.FromRatio)]);
        using var x0 = @case["images"].ToTensor();
        using var noise = TorchSharp.torch.tensor(normals[^1], x0.shape);
        using var x = new GaussianProcess(KnownSchedules.Edm).Corrupt(x0, noise, levels);
        using var estimate = file.Mixture().Denoise(x, new StepContext(levels), Conditioning.None).X0;
        double[] expected = @case["loss"].Numbers(), clean = @case["images"].Numbers(), denoised = [.. estimate.data<double>()];
        int width = clean.Length / levels.Count;
        comparison.Equal("loss", [.. clean.Select((value, k) => known.weight.OnX0(levels[k / width], known.parameterization) * Math.Pow(denoised[k] - value, 2))], expected);
        // The same in units of what a network would answer, where it needs no weight.
        using var answer = known.parameterization.Target(x, estimate, levels);
        foreach (var given in new[] { null, known.weight })
        {
            using var rows = new DenoisingObjective(known.parameterization, given).LossOfRows(answer, x, x0, levels);
            comparison.Equal("loss of a row", [.. rows.data<double>()], [.. expected.Chunk(width).Select(row => row.Average())]);
        }
        return true;

        IEnumerable<double> VpRatios()
        {
            double betaMin = settings.Number("beta_min", 0.1), first = settings.Number("epsilon_t", 1e-5);
            var schedule = new VpSchedule(betaMin, betaMin + settings.Number("beta_d", 19.9));
            return uniform.Select(u => schedule.At(1 + u * (first - 1)).Ratio);
        }

        Parameterization Edm() => new EdmParameterization(settings.Number("sigma_data", 0.5));
    }

    [GeneratedRegex("(VP|VE|EDM)Loss")]
    private static partial Regex Kind();
}
