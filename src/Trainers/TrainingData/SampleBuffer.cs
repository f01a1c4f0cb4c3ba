using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

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
    private const int RowsAtOnce = 1024;

    private float* _values;
    private long _capacity;

    ~SampleBuffer() => Free();

    /// <summary>The number of rows.</summary>
    public long Count { get; private set; }

    /// <summary>The number of values of a sample.</summary>
    public int SampleSize { get; } = sampleSize;

    /// <summary>The number of packed condition numbers of a row.</summary>
    public int ConditionWidth { get; } = conditionWidth;

    /// <summary>The samples on the device of training, [rows, values], where <see cref="PlaceOn"/> put them; not the caller's to dispose.</summary>
    public Tensor? Resident { get; private set; }

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

    /// <summary>Puts a copy of the samples on a GPU, where they take no more than a quarter of its memory, so that batches need not be sent there.</summary>
    /// <param name="device">The device of training; on the CPU nothing is done.</param>
    public void PlaceOn(Device device)
    {
        if (device.type != DeviceType.CPU && Count * SampleSize * sizeof(float) <= DeviceMemory.Total(device) / 4)
            CopyTo(device);
    }

    /// <summary>Puts a copy of the samples on a device.</summary>
    internal void CopyTo(Device device)
    {
        using var noGrad = no_grad();
        var all = empty([Count, SampleSize], ScalarType.Float32, device).DetachFromDisposeScope();
        for (long first = 0; first < Count; first += RowsAtOnce)
        {
            int rows = (int)Math.Min(RowsAtOnce, Count - first);
            var values = new float[rows * SampleSize];
            for (int i = 0; i < rows; i++)
                Sample(first + i).CopyTo(values.AsSpan(i * SampleSize));
            using var host = tensor(values, rows, SampleSize);
            using var place = all.narrow(0, first, rows);
            place.copy_(host);
        }
        Resident = all;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Resident?.Dispose();
        Resident = null;
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
