namespace Microsoft.ML.Diffusion.Tests;

/// <summary>A stream that takes a number of bytes, as a full disk does.</summary>
internal sealed class LimitedStream(long limit, bool canSeek, Func<Exception>? failure = null) : Stream
{
    private readonly MemoryStream _taken = new();

    public byte[] Taken => _taken.ToArray();

    public override bool CanRead => false;

    public override bool CanSeek => canSeek;

    public override bool CanWrite => true;

    public override long Length => canSeek ? _taken.Length : throw new NotSupportedException();

    public override long Position
    {
        get => canSeek ? _taken.Position : throw new NotSupportedException();
        set => Seek(value, SeekOrigin.Begin);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        int fits = (int)Math.Min(buffer.Length, Math.Max(0, limit - _taken.Position));
        _taken.Write(buffer[..fits]);
        if (fits < buffer.Length)
            throw failure?.Invoke() ?? new IOException("No space left on device");
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => canSeek ? _taken.Seek(offset, origin) : throw new NotSupportedException();

    public override void SetLength(long value) => _taken.SetLength(value);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
