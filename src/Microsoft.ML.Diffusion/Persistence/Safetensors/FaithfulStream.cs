using System.Runtime.ExceptionServices;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Writes to a stream and remembers its first failure, so that none is lost where a writer in between, such as a zip archive that is closed, swallows exceptions. Leaves the stream behind it open.
/// </summary>
internal sealed class FaithfulStream(Stream target) : Stream
{
    private readonly byte[] _tail = new byte[TailLength];
    private ExceptionDispatchInfo? _failure;

    /// <summary>How many of the last bytes are kept.</summary>
    public const int TailLength = 22;

    /// <summary>The last bytes that were written, in the order of writing.</summary>
    public ReadOnlySpan<byte> Tail => _tail;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => target.CanSeek;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => target.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => target.Position;
        set => Watch(() => target.Position = value);
    }

    /// <summary>Flushes what is behind, and reports what failed.</summary>
    /// <exception cref="IOException">Something failed since the start.</exception>
    public void Complete()
    {
        Flush();
        _failure?.Throw();
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _failure?.Throw();
        try
        {
            target.Write(buffer);
        }
        catch (Exception exception)
        {
            throw Failed(exception);
        }
        var last = buffer.Length > TailLength ? buffer[^TailLength..] : buffer;
        _tail.AsSpan(last.Length).CopyTo(_tail);
        last.CopyTo(_tail.AsSpan(TailLength - last.Length));
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush() => Watch(target.Flush);

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin)
    {
        long place = 0;
        Watch(() => place = target.Seek(offset, origin));
        return place;
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => Watch(() => target.SetLength(value));

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Watch(Action action)
    {
        _failure?.Throw();
        try
        {
            action();
        }
        catch (Exception exception)
        {
            throw Failed(exception);
        }
    }

    // A file that grows beyond what its system takes (EFBIG) is reported by the runtime as an argument out of range.
    private Exception Failed(Exception exception)
    {
        var failure = exception is IOException ? exception : new IOException($"Writing failed: {exception.Message}", exception);
        _failure = ExceptionDispatchInfo.Capture(failure);
        return failure;
    }
}
