namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>One benchmark: it measures ratios within one run, because machines are shared and noisy.</summary>
internal interface IBenchmark
{
    /// <summary>The name on the command line and in the JSON line.</summary>
    string Name { get; }

    /// <summary>What is compared with what, in one line.</summary>
    string Description { get; }

    /// <summary>Runs it, printing a table, and returns the figures by key.</summary>
    /// <param name="arguments">What followed the name on the command line.</param>
    IReadOnlyDictionary<string, double> Run(string[] arguments);
}
