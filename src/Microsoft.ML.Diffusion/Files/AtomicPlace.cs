namespace Microsoft.ML.Diffusion;

/// <summary>Where a file or folder is written: beside its place under a temporary name, then renamed. A link is followed, so that it stays one.</summary>
internal sealed class AtomicPlace
{
    private AtomicPlace(string full)
    {
        Full = full;
        Folder = Path.GetDirectoryName(full) ?? throw new IOException("it is the root of a file system.");
        Temporary = TemporaryName.In(Folder);
    }

    /// <summary>The full path, behind links.</summary>
    public string Full { get; }

    /// <summary>The folder that holds it.</summary>
    public string Folder { get; }

    /// <summary>The path that is written to.</summary>
    public string Temporary { get; }

    /// <summary>Writes what is at the place then. Missing folders are made, and what killed processes left half-written is removed.</summary>
    /// <param name="path">The path as the user gave it, which errors name.</param>
    /// <param name="write">Writes under the temporary name, and renames.</param>
    /// <param name="remove">Removes what is left under the temporary name.</param>
    /// <exception cref="IOException">That is not possible; names the path and says why.</exception>
    public static void Write(string path, Action<AtomicPlace> write, Action<string> remove)
    {
        AtomicPlace? place = null;
        try
        {
            string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
            var file = new FileInfo(full);
            if (file.LinkTarget is not null)
                full = Path.TrimEndingDirectorySeparator(file.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
            place = new AtomicPlace(full);
            DurableFolder.Create(place.Folder);
            TemporaryName.RemoveAbandoned(place.Folder);
            write(place);
            DurableFolder.Flush(place.Folder);
        }
        catch (Exception exception)
        {
            if (place is not null)
                remove(place.Temporary);
            // Argument: how the runtime reports a file beyond the size that its system takes (EFBIG).
            if (exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" })
                throw new IOException($"'{path}' can not be written: {WriteFailure.Reason(exception, place?.Temporary, path)}", exception);
            throw;
        }
    }
}
