namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Runs cases of a scheduler of diffusers alone, on the mixture of its file. Whole pipelines, which name a scheduler too, have networks instead.</summary>
internal abstract class SchedulerAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison) => !@case.Has("prompt") && Run(file, @case, comparison);

    /// <inheritdoc cref="IGoldenAdapter.TryRun"/>
    protected abstract bool Run(GoldenFile file, GoldenCase @case, GoldenComparison comparison);
}
