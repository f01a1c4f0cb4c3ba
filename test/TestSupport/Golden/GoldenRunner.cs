namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>Runs all cases of a golden file, and writes the line of the report.</summary>
public static class GoldenRunner
{
    /// <summary>Names a file to which the line of each golden file is appended.</summary>
    public const string ReportVariable = "DIFFUSION_GOLDEN_REPORT";

    public static GoldenResult Run(GoldenFile file)
    {
        List<string> equal = [], quirks = [], notCompared = [], mismatches = [];
        foreach (var @case in file.Cases)
        {
            if (@case.Quirk is { } quirk)
            {
                quirks.Add($"{@case}: {quirk}");
                continue;
            }
            var comparison = new GoldenComparison();
            try
            {
                if (!GoldenAdapters.All.Any(adapter => adapter.TryRun(file, @case, comparison)))
                    notCompared.Add(@case.Name);
                else if (comparison.Count == 0)
                    mismatches.Add($"{@case}: ran, but compared nothing");
                else if (comparison.Mismatches.Count == 0)
                    equal.Add(@case.Name);
                mismatches.AddRange(comparison.Mismatches.Select(mismatch => $"{@case}: {mismatch}"));
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                mismatches.Add($"{@case}: {exception}");
            }
        }
        return new GoldenResult(file.Name, file.Cases.Count, equal, quirks, notCompared, mismatches);
    }

    /// <summary>Prints the file's line and appends it to the report, where one is wanted.</summary>
    public static void Report(GoldenResult result)
    {
        Console.WriteLine(result.Summary);
        if (Environment.GetEnvironmentVariable(ReportVariable) is { Length: > 0 } report)
            File.AppendAllText(report, result.Summary + "\n");
    }
}
