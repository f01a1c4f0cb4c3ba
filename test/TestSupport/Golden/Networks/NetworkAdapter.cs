namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Runs golden networks of one family. A family is one class and one line in <see cref="GoldenAdapters"/>.</summary>
public abstract class NetworkAdapter : IGoldenAdapter
{
    public bool TryRun(GoldenFile file, GoldenCase @case, GoldenComparison comparison)
    {
        if (!@case.Has("weights_file"))
            return false;
        using var golden = new NetworkGolden(file, @case);
        return TryRun(golden, comparison);
    }

    /// <summary>Builds the architecture from the config, loads the weights, compares all outputs.</summary>
    /// <returns>False where the network is of another family, or asks for what the library does not have.</returns>
    protected abstract bool TryRun(NetworkGolden golden, GoldenComparison comparison);
}
