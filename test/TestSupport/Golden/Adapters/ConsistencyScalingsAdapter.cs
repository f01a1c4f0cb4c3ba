namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The scalings of openai/consistency_models' denoiser: EDM's, or those that are the identity at the smallest σ.</summary>
internal sealed class ConsistencyScalingsAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        string source = @case.Text("source");
        if (!source.Contains("KarrasDenoiser.get_scalings", StringComparison.Ordinal) || !@case.Has("c_skip"))
            return false;
        double scale = @case.Params.Number("sigma_data", 0.5);
        Parameterization parameterization = source.EndsWith("boundary_condition", StringComparison.Ordinal)
            ? new ConsistencyParameterization(scale, @case.Params.Number("sigma_min", 0.002))
            : new EdmParameterization(scale);
        Preconditioning[] scalings = [.. @case["sigma"].Numbers().Select(NoiseLevel.FromRatio).Select(parameterization.At)];
        comparison.Equal("c_skip", [.. scalings.Select(at => at.Skip)], @case["c_skip"].Numbers());
        comparison.Equal("c_out", [.. scalings.Select(at => at.Out)], @case["c_out"].Numbers());
        comparison.Equal("c_in", [.. scalings.Select(at => at.In)], @case["c_in"].Numbers());
        return true;
    }
}
