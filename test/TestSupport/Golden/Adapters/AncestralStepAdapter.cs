namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>k-diffusion's get_ancestral_step: DDIM's share of fresh noise, in variance-exploding form.</summary>
internal sealed class AncestralStepAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (@case.Text("source") != "k-diffusion get_ancestral_step")
            return false;
        double from = @case.Params.Number("sigma_from", 0), to = @case.Params.Number("sigma_to", 0);
        var plan = new DdimSolver(@case.Params.Number("eta", 1)).Plan(TimeGrid.FromRatios([from, to]));
        double Coefficient(RegisterKind kind) => plan.Instructions.OfType<Combine>()
            .SelectMany(combine => combine.Terms).Where(term => term.Source.Kind == kind).Sum(term => term.Coefficient);
        comparison.Equal("sigma_up", Coefficient(RegisterKind.Noise), @case["sigma_up"].ToNumber());
        // x goes to x̂0 + σ_down·(x − x̂0)/σ.
        comparison.Equal("sigma_down", Coefficient(RegisterKind.Start) * from, @case["sigma_down"].ToNumber());
        return true;
    }
}
