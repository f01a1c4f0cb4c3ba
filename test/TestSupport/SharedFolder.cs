namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>Finds real data and reference numbers that lie beside the repository, in a folder named <c>shared</c>.</summary>
public static class SharedFolder
{
    /// <summary>The path of a folder; ends the test as inconclusive where there is none.</summary>
    public static string Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", name);
            if (Directory.Exists(path))
                return path;
        }
        Assert.Inconclusive($"There is no folder shared/{name} beside or above {AppContext.BaseDirectory}.");
        return "";
    }
}
