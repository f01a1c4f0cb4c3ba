namespace Quickstart;

/// <summary>Where everything goes.</summary>
internal sealed class OutputFolder
{
    private readonly string _folder;

    /// <summary>Makes the folder, and finds out now whether it can be written: not after minutes of training.</summary>
    public OutputFolder(string folder)
    {
        _folder = folder;
        try
        {
            Directory.CreateDirectory(folder);
            using FileStream probe = System.IO.File.Create(File(Path.GetRandomFileName()), 1, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Nothing can be written to '{folder}': {exception.Message}", exception);
        }
    }

    public string File(string name) => Path.Combine(_folder, name);
}
