using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>A number type of safetensors files.</summary>
/// <remarks>Immutable; one instance a type. 22 types: those of the reference library, version 0.8.</remarks>
public sealed class SafetensorsType
{
    private SafetensorsType(string code, int bits, ScalarType? tensorType = null, NumberConversion? toTensor = null, NumberConversion? toSingle = null)
    {
        Code = code;
        Bits = bits;
        TensorType = tensorType;
        ToTensor = toTensor;
        ToSingle = toSingle;
    }

    /// <summary>One byte, 0 or 1.</summary>
    public static SafetensorsType Bool { get; } = new("BOOL", 8, ScalarType.Bool, toSingle: NumberConversions.Cast<byte, float>);

    /// <summary>4 bits: sign, 2 of exponent, 1 of fraction (OCP MX 1.0). Packed; torch has no such type.</summary>
    public static SafetensorsType F4 { get; } = new("F4", 4);

    /// <summary>6 bits: sign, 2 of exponent, 3 of fraction (OCP MX 1.0). Packed; torch has no such type.</summary>
    public static SafetensorsType F6E2M3 { get; } = new("F6_E2M3", 6);

    /// <summary>6 bits: sign, 3 of exponent, 2 of fraction (OCP MX 1.0). Packed; torch has no such type.</summary>
    public static SafetensorsType F6E3M2 { get; } = new("F6_E3M2", 6);

    /// <summary>Unsigned, 8 bits.</summary>
    public static SafetensorsType U8 { get; } = new("U8", 8, ScalarType.Byte, toSingle: NumberConversions.Cast<byte, float>);

    /// <summary>Signed, 8 bits.</summary>
    public static SafetensorsType I8 { get; } = new("I8", 8, ScalarType.Int8, toSingle: NumberConversions.Cast<sbyte, float>);

    /// <summary>8 bits: sign, 5 of exponent, 2 of fraction, with infinities (arXiv:2209.05433). As a tensor: Float32.</summary>
    public static SafetensorsType F8E5M2 { get; } = Small("F8_E5M2", SmallFloat.E5M2);

    /// <summary>8 bits: sign, 4 of exponent, 3 of fraction, without infinities (arXiv:2209.05433). As a tensor: Float32.</summary>
    public static SafetensorsType F8E4M3 { get; } = Small("F8_E4M3", SmallFloat.E4M3);

    /// <summary>8 bits of exponent: a power of two (OCP MX 1.0). As a tensor: Float32.</summary>
    public static SafetensorsType F8E8M0 { get; } = Small("F8_E8M0", SmallFloat.E8M0);

    /// <summary>8 bits: sign, 4 of exponent, 3 of fraction, one zero, one NaN (arXiv:2206.02915). As a tensor: Float32.</summary>
    public static SafetensorsType F8E4M3Fnuz { get; } = Small("F8_E4M3FNUZ", SmallFloat.E4M3Fnuz);

    /// <summary>8 bits: sign, 5 of exponent, 2 of fraction, one zero, one NaN (arXiv:2206.02915). As a tensor: Float32.</summary>
    public static SafetensorsType F8E5M2Fnuz { get; } = Small("F8_E5M2FNUZ", SmallFloat.E5M2Fnuz);

    /// <summary>Signed, 16 bits.</summary>
    public static SafetensorsType I16 { get; } = new("I16", 16, ScalarType.Int16, toSingle: NumberConversions.Cast<short, float>);

    /// <summary>Unsigned, 16 bits. As a tensor: Int32.</summary>
    public static SafetensorsType U16 { get; } = new("U16", 16, ScalarType.Int32, NumberConversions.Cast<ushort, int>, NumberConversions.Cast<ushort, float>);

    /// <summary>IEEE half precision.</summary>
    public static SafetensorsType F16 { get; } = new("F16", 16, ScalarType.Float16, toSingle: NumberConversions.Cast<Half, float>);

    /// <summary>8 bits of exponent, 7 of fraction.</summary>
    public static SafetensorsType BF16 { get; } = new("BF16", 16, ScalarType.BFloat16, toSingle: NumberConversions.FromBFloat16);

    /// <summary>Signed, 32 bits.</summary>
    public static SafetensorsType I32 { get; } = new("I32", 32, ScalarType.Int32, toSingle: NumberConversions.Cast<int, float>);

    /// <summary>Unsigned, 32 bits. As a tensor: Int64.</summary>
    public static SafetensorsType U32 { get; } = new("U32", 32, ScalarType.Int64, NumberConversions.Cast<uint, long>, NumberConversions.Cast<uint, float>);

    /// <summary>IEEE single precision.</summary>
    public static SafetensorsType F32 { get; } = new("F32", 32, ScalarType.Float32, toSingle: NumberConversions.Copy);

    /// <summary>Complex: two numbers of IEEE single precision.</summary>
    public static SafetensorsType C64 { get; } = new("C64", 64, ScalarType.ComplexFloat32);

    /// <summary>IEEE double precision.</summary>
    public static SafetensorsType F64 { get; } = new("F64", 64, ScalarType.Float64, toSingle: NumberConversions.Cast<double, float>);

    /// <summary>Signed, 64 bits.</summary>
    public static SafetensorsType I64 { get; } = new("I64", 64, ScalarType.Int64, toSingle: NumberConversions.Cast<long, float>);

    /// <summary>Unsigned, 64 bits. As a tensor: Int64, where no number exceeds that type.</summary>
    public static SafetensorsType U64 { get; } = new("U64", 64, ScalarType.Int64, NumberConversions.Cast<ulong, long>, NumberConversions.Cast<ulong, float>);

    /// <summary>All types, in the reference library's order: a type that needs a wider alignment comes later.</summary>
    public static IReadOnlyList<SafetensorsType> All { get; } =
        [Bool, F4, F6E2M3, F6E3M2, U8, I8, F8E5M2, F8E4M3, F8E8M0, F8E4M3Fnuz, F8E5M2Fnuz, I16, U16, F16, BF16, I32, U32, F32, C64, F64, I64, U64];

    /// <summary>Its name in files, such as <c>BF16</c>.</summary>
    public string Code { get; }

    /// <summary>The bits of a number: 4, 6, or a multiple of 8.</summary>
    public int Bits { get; }

    /// <summary>The type of the tensors that <see cref="SafetensorsFile.Read"/> makes of it: the same, or the next wider that torch has; null where torch has none.</summary>
    public ScalarType? TensorType { get; }

    /// <summary>How bytes of a file become those of a tensor; null where they are the same, or there is no <see cref="TensorType"/>.</summary>
    internal NumberConversion? ToTensor { get; }

    /// <summary>How bytes of a file become Float32; null where they can not.</summary>
    internal NumberConversion? ToSingle { get; }

    /// <summary>The type with a code.</summary>
    /// <param name="code">The code, such as <c>BF16</c>; case matters.</param>
    /// <returns>Null where there is none.</returns>
    public static SafetensorsType? Find(string code) => All.FirstOrDefault(type => type.Code == code);

    /// <summary>The type that holds the numbers of a tensor unchanged.</summary>
    /// <param name="tensorType">The tensor's type.</param>
    /// <returns>Null where there is none: ComplexFloat64 and quantized types.</returns>
    public static SafetensorsType? Of(ScalarType tensorType) => All.FirstOrDefault(type => type.TensorType == tensorType && type.ToTensor is null);

    /// <inheritdoc/>
    public override string ToString() => Code;

    private static SafetensorsType Small(string code, float[] values)
    {
        void Look(ReadOnlySpan<byte> source, Span<byte> target) => NumberConversions.Look(values, source, target);
        return new(code, 8, ScalarType.Float32, Look, Look);
    }
}
