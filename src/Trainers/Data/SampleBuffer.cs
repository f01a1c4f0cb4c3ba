using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>
/// The whole training data in native memory: row after row, each the values of a sample in model space and then its packed
/// conditions. Grows as rows arrive, because few IDataViews know how many they hold.
/// </summary>
/// <remarks>Reading is thread safe once all rows are in.</remarks>
/// <param name="sampleSize">The number of values of a sample.</param>
/// <param name="conditionWidth">The number of packed condition numbers of a row.</param>
internal sealed unsafe class SampleBuffer(int sampleSize, int conditionWidth) : IDisposable
{
    private float* _values;
    private long _capacity;

    ~SampleBuffer() => Free();

    /// <summary>The number of rows.</summary>
    public long Count { get; private set; }

    /// <summary>The number of values of a sample.</summary>
    public int SampleSize { get; } = sampleSize;

    /// <summary>The number of packed condition numbers of a row.</summary>
    public int ConditionWidth { get; } = conditionWidth;

    private int Stride => SampleSize + ConditionWidth;

    /// <summary>Makes room for rows to come.</summary>
    /// <param name="rows">The number of rows in all.</param>
    public void Reserve(long rows)
    {
        if (rows <= _capacity)
            return;
        nuint bytes = checked((nuint)rows * (nuint)Stride * sizeof(float));
        var values = (float*)NativeMemory.AlignedAlloc(bytes, LargePages.Size);
        LargePages.Ask(values, bytes);
        if (_values is not null)
            NativeMemory.Copy(_values, values, (nuint)Count * (nuint)Stride * sizeof(float));
        NativeMemory.AlignedFree(_values);
        _values = values;
        _capacity = rows;
    }

    /// <summary>Appends a row of unspecified values, to be filled through <see cref="Sample"/> and <see cref="Conditions"/>.</summary>
    public long Add()
    {
        if (Count == _capacity)
            Reserve(Math.Max(1024, checked(_capacity * 2)));
        return Count++;
    }

    /// <summary>Takes the last row back.</summary>
    public void RemoveLast() => Count--;

    /// <summary>The values of a sample in model space.</summary>
    /// <param name="row">The row.</param>
    public Span<float> Sample(long row) => new(_values + At(row), SampleSize);

    /// <summary>The packed conditions of a row.</summary>
    /// <param name="row">The row.</param>
    public Span<float> Conditions(long row) => new(_values + At(row) + SampleSize, ConditionWidth);

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private long At(long row)
    {
        ObjectDisposedException.ThrowIf(_values is null, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)row, (ulong)Count, nameof(row));
        return row * Stride;
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_values);
        _values = null;
        _capacity = Count = 0;
    }
}
