using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Sliced and exact score matching of an energy, E(x) = ½xᵀAx + 0.1·Σx⁴ + bᵀx.</summary>
internal sealed class SlicedScoreMatchingAdapter : IGoldenAdapter
{
    private const string Source = "ermongroup/sliced_score_matching losses/";

    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Text("source").StartsWith(Source, StringComparison.Ordinal) || !@case.Has("A"))
            return false;
        bool exact = @case.Text("source").Contains("losses/score_matching.py", StringComparison.Ordinal);
        ProbeDistribution? probes = @case.Text("noise_type") switch
        {
            "radermacher" => KnownProbes.Rademacher,
            "gaussian" => KnownProbes.Gaussian,
            "sphere" => KnownProbes.Sphere,
            _ => null,
        };
        if (!exact && probes is null)
            return false;
        using var a = @case["A"].ToTensor();
        using var b = @case["b"].ToTensor();
        using var x = @case["x"].ToTensor();
        using var loss = exact
            ? ExactScoreMatching.Loss(Score, x)
            : new SlicedScoreMatching(probes, @case.Name.Contains("VR", StringComparison.Ordinal)).Loss(Score, x, new FixedProbe(@case["gaussian_draw"].Numbers()), 0);
        comparison.Equal("loss", loss.item<double>(), @case["loss"].ToNumber());
        if (@case.Has("score"))
        {
            using var score = Score(x);
            comparison.Equal("score", score, @case["score"]);
        }
        return true;

        Tensor Score(Tensor states)
        {
            using var scope = NewDisposeScope();
            return (states.mm(a + a.t()) * 0.5 + states.pow(3) * 0.4 + b).neg().MoveToOuterDisposeScope();
        }
    }
}
