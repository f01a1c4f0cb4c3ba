using System.Text.Json;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>The figures of a benchmark: a table for people, then one JSON line for programs.</summary>
internal sealed class BenchmarkReport(string name, IReadOnlyDictionary<string, double> figures)
{
    public void Write(TextWriter writer)
    {
        writer.WriteLine();
        foreach (var (key, value) in figures)
            writer.WriteLine(FormattableString.Invariant($"  {key,-24} {value,12:0.####}"));
        writer.WriteLine(JsonSerializer.Serialize(new { benchmark = name, figures }));
    }
}
