using System.Globalization;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>The options of the benchmark guidance.</summary>
/// <param name="Data">The folder with the IDX files of Fashion-MNIST.</param>
/// <param name="Minutes">The time of training, the judge's apart.</param>
/// <param name="Rows">The number of samples of each guidance and scale.</param>
/// <param name="Models">Where models are kept; null for nowhere.</param>
/// <param name="Out">Where plot and sheets go; null for nowhere.</param>
/// <param name="Only">How the names of the guidances begin that are tried; null for all.</param>
internal sealed record GuidanceSettings(string Data, double Minutes, int Rows, string? Models, string? Out, string? Only = null)
{
    /// <summary>Reads a command line.</summary>
    /// <exception cref="ArgumentException">An option is unknown, or there is no data.</exception>
    public static GuidanceSettings Parse(string[] arguments)
    {
        var settings = new GuidanceSettings("", 16, 200, null, null);
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : throw new ArgumentException($"The option {arguments[i]} needs a value.");
            settings = arguments[i] switch
            {
                "--data" => settings with { Data = value },
                "--minutes" => settings with { Minutes = double.Parse(value, CultureInfo.InvariantCulture) },
                "--rows" => settings with { Rows = int.Parse(value, CultureInfo.InvariantCulture) },
                "--models" => settings with { Models = value },
                "--out" => settings with { Out = value },
                "--only" => settings with { Only = value },
                var other => throw new ArgumentException($"Unknown option '{other}'; there are --data, --minutes, --rows, --models, --out and --only."),
            };
        }
        return settings.Data.Length > 0 ? settings : settings with { Data = FindData() };
    }

    private static string FindData()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "data", "fashion-mnist") is var path && Directory.Exists(path))
                return path;
        throw new ArgumentException($"There is no folder shared/data/fashion-mnist beside or above {AppContext.BaseDirectory}: name the folder of Fashion-MNIST's IDX files with --data.");
    }
}
