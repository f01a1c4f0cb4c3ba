using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Diffusion;

/// <summary>Turns the bytes of numbers of one type into those of as many numbers of another.</summary>
internal delegate void NumberConversion(ReadOnlySpan<byte> source, Span<byte> target);

/// <summary>Conversions between number types, byte for byte little-endian, as files and machine are.</summary>
internal static class NumberConversions
{
    /// <summary>The same bytes.</summary>
    public static void Copy(ReadOnlySpan<byte> source, Span<byte> target) => source.CopyTo(target);

    /// <summary>To the same numbers, rounded to nearest where the target is a floating-point type.</summary>
    /// <exception cref="OverflowException">A number does not fit the whole numbers of the target.</exception>
    public static void Cast<TFrom, TTo>(ReadOnlySpan<byte> source, Span<byte> target)
        where TFrom : unmanaged, INumberBase<TFrom>
        where TTo : unmanaged, INumberBase<TTo>
    {
        var from = MemoryMarshal.Cast<byte, TFrom>(source);
        var to = MemoryMarshal.Cast<byte, TTo>(target);
        for (int i = 0; i < from.Length; i++)
            to[i] = TTo.CreateChecked(from[i]);
    }

    /// <summary>From BF16, the upper half of a Float32, to Float32.</summary>
    public static void FromBFloat16(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var from = MemoryMarshal.Cast<byte, ushort>(source);
        var to = MemoryMarshal.Cast<byte, uint>(target);
        for (int i = 0; i < from.Length; i++)
            to[i] = (uint)from[i] << 16;
    }

    /// <summary>From one-byte numbers to Float32, by the values of the 256 bytes.</summary>
    public static void Look(float[] values, ReadOnlySpan<byte> source, Span<byte> target)
    {
        var to = MemoryMarshal.Cast<byte, float>(target);
        for (int i = 0; i < source.Length; i++)
            to[i] = values[source[i]];
    }
}
