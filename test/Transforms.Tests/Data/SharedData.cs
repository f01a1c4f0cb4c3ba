namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Finds real data sets: a folder <c>shared/data</c> beside the repository, or beside a folder above it.</summary>
internal static class SharedData
{
    /// <summary>The path of a data set; ends the test as inconclusive where it is absent.</summary>
    public static string Find(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "data", name);
            if (Directory.Exists(path))
                return path;
        }
        Assert.Inconclusive($"The data set '{name}' is not on this machine: no folder shared/data/{name} beside the repository.");
        return "";
    }
}
