using System.Diagnostics;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// Keeps a folder for one run: a lock on a file in it, which the system gives back when the process ends, however it ends. Where the file system knows no locks, as some network drives, nothing is
/// kept.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    /// <summary>The lock of a folder of checkpoints.</summary>
    public const string Checkpoints = ".lock";

    /// <summary>The lock of a folder of metrics, which may be the same folder.</summary>
    public const string Metrics = ".lock-metrics";

    private readonly FileStream _stream;
    private readonly string _owner;

    /// <summary>Locks a folder that exists.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name of the file that is locked. It stays, as one that is removed could be locked twice. Nobody else can read it, so that its owner is named beside it.</param>
    /// <exception cref="InvalidOperationException">Another run has it; says which.</exception>
    /// <exception cref="IOException">The folder can not be written to.</exception>
    public FolderLock(string folder, string name)
    {
        _owner = Path.Combine(folder, name + "-owner");
        string path = Path.Combine(folder, name);
        try
        {
            _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new InvalidOperationException($"The folder '{folder}' belongs to another training run, which is still at work: {Owner()}. Wait for it or end it, or take another folder.", exception);
        }
        try
        {
            using var process = Process.GetCurrentProcess();
            File.WriteAllText(_owner, $"process {Environment.ProcessId} ({process.ProcessName}) on {Environment.MachineName}");
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            File.Delete(_owner);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next owner writes over it.
        }
        _stream.Dispose();
    }

    private string Owner()
    {
        try
        {
            return File.ReadAllText(_owner);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "its process is not named";
        }
    }
}
