namespace Microsoft.ML.Diffusion;

/// <summary>The number types of safetensors files.</summary>
public enum SafetensorsType
{
    /// <summary>IEEE double precision: F64.</summary>
    F64,

    /// <summary>IEEE single precision: F32.</summary>
    F32,

    /// <summary>IEEE half precision: F16.</summary>
    F16,

    /// <summary>8 bits of exponent, 7 of fraction: BF16.</summary>
    BF16,

    /// <summary>Signed, 64 bits: I64.</summary>
    I64,

    /// <summary>Signed, 32 bits: I32.</summary>
    I32,

    /// <summary>Signed, 16 bits: I16.</summary>
    I16,

    /// <summary>Signed, 8 bits: I8.</summary>
    I8,

    /// <summary>Unsigned, 64 bits: U64.</summary>
    U64,

    /// <summary>Unsigned, 32 bits: U32.</summary>
    U32,

    /// <summary>Unsigned, 16 bits: U16.</summary>
    U16,

    /// <summary>Unsigned, 8 bits: U8.</summary>
    U8,

    /// <summary>One byte, 0 or 1: BOOL.</summary>
    Bool,
}
