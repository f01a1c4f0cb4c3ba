namespace Microsoft.ML.Diffusion;

/// <summary>The values of the 256 bytes of each eight-bit floating-point format. All are exact in Float32.</summary>
internal static class SmallFloat
{
    /// <summary>Sign, 5 bits of exponent, 2 of fraction; infinities and NaN as in IEEE 754 (Micikevicius et al. 2022, arXiv:2209.05433, Table 1).</summary>
    public static float[] E5M2 { get; } = Values(2, 15, code => (code & 0x7F) switch
    {
        0x7C => code < 0x80 ? float.PositiveInfinity : float.NegativeInfinity,
        > 0x7C => float.NaN,
        _ => null,
    });

    /// <summary>Sign, 4 bits of exponent, 3 of fraction; no infinities, NaN where all but the sign is 1 (the same table).</summary>
    public static float[] E4M3 { get; } = Values(3, 7, code => (code & 0x7F) == 0x7F ? float.NaN : null);

    /// <summary>E4M3 with the bias 8; NaN in the place of −0 (Noune et al. 2022, arXiv:2206.02915).</summary>
    public static float[] E4M3Fnuz { get; } = Values(3, 8, code => code == 0x80 ? float.NaN : null);

    /// <summary>E5M2 with the bias 16; NaN in the place of −0 (the same).</summary>
    public static float[] E5M2Fnuz { get; } = Values(2, 16, code => code == 0x80 ? float.NaN : null);

    /// <summary>Powers of two, 2⁻¹²⁷ to 2¹²⁷, and NaN (OCP Microscaling Formats 1.0, section 5.4.1).</summary>
    public static float[] E8M0 { get; } = [.. Enumerable.Range(0, 256).Select(code => code == 255 ? float.NaN : MathF.ScaleB(1, code - 127))];

    private static float[] Values(int fractionBits, int bias, Func<int, float?> special)
        => [.. Enumerable.Range(0, 256).Select(code => special(code) ?? Value(code, fractionBits, bias))];

    private static float Value(int code, int fractionBits, int bias)
    {
        int exponent = (code & 0x7F) >> fractionBits, fraction = code & ((1 << fractionBits) - 1);
        // Without the hidden 1, and with the exponent of 1, where the exponent's bits are 0.
        int significand = exponent == 0 ? fraction : fraction | 1 << fractionBits;
        float magnitude = MathF.ScaleB(significand, Math.Max(exponent, 1) - bias - fractionBits);
        return code < 0x80 ? magnitude : -magnitude;
    }
}
