using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Spherical interpolation by DDIM's equation 67.</summary>
internal sealed class SlerpAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Name.StartsWith("slerp", StringComparison.Ordinal) || !@case.Has("a") || !@case.Has("b") || !@case.Has("lam"))
            return false;
        using var a = tensor(@case["a"].Numbers()).unsqueeze_(0);
        using var b = tensor(@case["b"].Numbers()).unsqueeze_(0);
        using var weight = tensor([@case["lam"].ToNumber()]);
        using var between = LatentPath.Slerp(a, b, weight);
        comparison.Equal("out", between, @case["out"]);
        return true;
    }
}
