namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>k-diffusion's log-likelihood over σ, by torchdiffeq on the whole batch.</summary>
internal sealed class KDiffusionLikelihoodAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (@case.Text("function") != "log_likelihood" || !@case.Has("rademacher"))
            return false;
        var settings = @case.Params;
        double largest = settings.Number("sigma_max", 0);
        var likelihood = new LogLikelihood(new LogLikelihoodOptions
        {
            ExactDimensions = 0,
            PriorDeviation = largest,
            Stepping = new AdaptiveStepping
            {
                RelativeTolerance = settings.Number("rtol", 1e-4),
                AbsoluteTolerance = settings.Number("atol", 1e-4),
                Control = KnownStepControls.Interpolated,
                WholeBatch = true,
            },
        });
        using var x = @case["x"].ToTensor();
        var grid = TimeGrid.FromRatios([largest, settings.Number("sigma_min", 0)]);
        using var result = likelihood.Compute(grid, file.Mixture(), x, Conditioning.None, new FixedProbe(@case["rademacher"][0].Numbers()));
        comparison.Equal("log-likelihood", result.LogDensity, @case["log_likelihood"]);
        comparison.Equal("number of model calls", result.Evaluations, @case["nfe"].ToNumber());
        return true;
    }
}
