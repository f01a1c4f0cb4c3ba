namespace Microsoft.ML.Diffusion;

/// <summary>Several safetensors files as the one that they were cut from, its tensors renamed: a header, then the numbers of one file after the other.</summary>
/// <remarks>Read once, from its start. Owns the files.</remarks>
internal sealed class JoinedWeights : Stream
{
    private readonly Queue<Stream> _parts = new();

    /// <summary>Opens files and reads their headers.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="rename">The name of a tensor, from its name in the file.</param>
    /// <exception cref="InvalidDataException">A file is malformed, or two tensors have one name.</exception>
    public JoinedWeights(IReadOnlyList<string> paths, Func<string, string> rename)
    {
        var header = new MemoryStream();
        _parts.Enqueue(header);
        try
        {
            var entries = new Dictionary<string, SafetensorsEntry>();
            foreach (string path in paths)
            {
                var file = RegularFile.Open(path);
                _parts.Enqueue(file);
                foreach (var entry in EntriesOf(file, path))
                    if (!entries.TryAdd(rename(entry.Name), new SafetensorsEntry(rename(entry.Name), entry.Type, [.. entry.Shape])))
                        throw new InvalidDataException($"'{path}' has '{rename(entry.Name)}', which another file has too.");
            }
            _ = new SafetensorsWriter(header, entries.Values);
            header.Position = 0;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    // Leaves the file where its numbers begin, which fill the rest of it.
    private static IReadOnlyList<SafetensorsEntry> EntriesOf(Stream file, string path)
    {
        try
        {
            return new SafetensorsReader(file).Entries;
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"'{path}': {exception.Message}", exception);
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        while (_parts.TryPeek(out var part))
        {
            int count = part.Read(buffer);
            if (count > 0 || buffer.Length == 0)
                return count;
            _parts.Dequeue().Dispose();
        }
        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        while (disposing && _parts.TryDequeue(out var part))
            part.Dispose();
        base.Dispose(disposing);
    }
}
