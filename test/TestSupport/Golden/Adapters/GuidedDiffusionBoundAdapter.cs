namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>guided-diffusion's variational bound of the exact denoiser over all steps of a respaced schedule; v is tanh(x).</summary>
internal sealed class GuidedDiffusionBoundAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        var settings = @case.Params;
        if (!@case.Text("source").EndsWith("calc_bpd_loop", StringComparison.Ordinal)
            || GuidedDiffusionLossAdapter.Variance(settings) is not { } variance || GuidedDiffusionLossAdapter.Schedule(settings) is not { } whole)
            return false;
        int[] counts = [.. settings.GetProperty("section_counts").Numbers().Select(count => (int)count)];
        var schedule = new Respaced(new SectionSpacing(counts).Grid(whole, counts.Sum()));
        var bound = new VariationalBound(schedule, variance, GuidedDiffusionLossAdapter.BinWidth);
        var denoiser = ThresholdedDenoiser.Clip(file.Mixture());
        using var x0 = @case["x_start"].ToTensor();
        int rows = (int)x0.size(0), steps = schedule.Steps;
        var (terms, errors, noiseErrors) = (new double[rows, steps], new double[rows, steps], new double[rows, steps]);
        for (int i = 0; i < steps; i++)
        {
            // Noisiest first.
            int step = steps - 1 - i;
            var level = schedule.LevelOf(step);
            using var noise = @case["noises"][i].ToTensor();
            using var x = new GaussianProcess(schedule).Corrupt(x0, noise, level);
            using var estimate = denoiser.Denoise(x, new StepContext(level), Conditioning.None).X0;
            using var place = x.tanh();
            using var bits = bound.TermsOfRows(estimate, variance == ReverseVariance.Learned ? place : null, x0, new NoiseLevels(level, schedule.TimeOfStep(step)));
            double[] clean = [.. x0.data<double>()], guessed = [.. estimate.data<double>()], drawn = [.. noise.data<double>()], state = [.. x.data<double>()];
            int width = clean.Length / rows;
            for (int row = 0; row < rows; row++)
            {
                terms[row, i] = bits[row].item<double>();
                var places = Enumerable.Range(row * width, width).ToArray();
                errors[row, i] = places.Average(k => Math.Pow(guessed[k] - clean[k], 2));
                noiseErrors[row, i] = places.Average(k => Math.Pow((state[k] - level.Alpha * guessed[k]) / level.Sigma - drawn[k], 2));
            }
        }
        using var prior = bound.PriorOfRows(x0);
        comparison.Equal("vb", [.. terms.Cast<double>()], @case["vb"].Numbers());
        comparison.Equal("xstart_mse", [.. errors.Cast<double>()], @case["xstart_mse"].Numbers());
        comparison.Equal("mse", [.. noiseErrors.Cast<double>()], @case["mse"].Numbers());
        comparison.Equal("prior_bpd", prior, @case["prior_bpd"]);
        comparison.Equal("total_bpd", [.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, steps).Sum(i => terms[row, i]) + prior[row].item<double>())], @case["total_bpd"].Numbers());
        return true;
    }

    // The steps of a grid as a schedule of their own.
    private sealed class Respaced(TimeGrid grid) : DiscreteSchedule(Betas(grid))
    {
        private static new double[] Betas(TimeGrid grid)
        {
            double[] alphaBars = [.. grid.Levels.Reverse().Select(level => level.Alpha * level.Alpha)];
            return [.. alphaBars.Skip(1).Zip(alphaBars, (after, before) => 1 - after / before)];
        }
    }
}
