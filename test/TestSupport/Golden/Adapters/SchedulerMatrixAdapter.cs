using System.Runtime.CompilerServices;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>All schedulers of diffusers with all of their options: those that are refused are not compared.</summary>
internal sealed class SchedulerMatrixAdapter : IGoldenAdapter
{
    private readonly ConditionalWeakTable<GoldenFile, SchedulerMatrix> _matrices = [];

    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (file.Name != SchedulerMatrix.FileName)
            return false;
        var outcome = _matrices.GetValue(file, static file => new SchedulerMatrix(file)).Run(@case);
        if (outcome.Result is SchedulerResult.Equal or SchedulerResult.Wrong)
            comparison.Equal(outcome.Why.Length == 0 ? "numbers" : outcome.Why, outcome.Result == SchedulerResult.Equal ? 1 : 0, 1);
        return comparison.Count > 0;
    }
}
