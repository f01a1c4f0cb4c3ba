namespace Microsoft.ML.Diffusion.CheckpointProbe;

/// <summary>A small file system that this process may fill up.</summary>
internal sealed class SmallDisk(string folder)
{
    private const int Page = 4096;

    private readonly string _filler = Path.Combine(folder, "filler");

    /// <summary>Leaves room for a number of pages.</summary>
    public void Fill(int pages)
    {
        using var stream = new FileStream(_filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
                stream.Write(new byte[Page]);
        }
        catch (IOException)
        {
            // Full.
        }
        stream.SetLength(Math.Max(0, stream.Length - pages * Page));
    }

    /// <summary>Leaves all of it.</summary>
    public void Free() => File.Delete(_filler);

    /// <summary>Saves over an older file with ever more room, until it fits: it fails and the older file is as it was, or what is saved can be loaded.</summary>
    public void SaveAtAnyFill(Action<string> save, Action<string> load)
    {
        string path = Path.Combine(folder, "model.zip");
        File.WriteAllText(path, "older");
        for (int pages = 0; ; pages += 4)
        {
            Fill(pages);
            try
            {
                save(path);
            }
            catch (IOException)
            {
                if (File.ReadAllText(path) != "older")
                    throw new InvalidOperationException($"The older file is gone where there was room for {pages} pages.");
                continue;
            }
            load(path);
            Console.WriteLine($"saved with room for {pages} pages");
            return;
        }
    }
}
