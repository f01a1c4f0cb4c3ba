namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>The folder of the repository that the tests were built in.</summary>
public static class RepositoryFolder
{
    /// <summary>Its full path.</summary>
    /// <exception cref="InvalidOperationException">The tests lie outside of one.</exception>
    public static string Location
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Diffusion.ML.sln")))
                folder = folder.Parent;
            return folder?.FullName ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has Diffusion.ML.sln.");
        }
    }
}
