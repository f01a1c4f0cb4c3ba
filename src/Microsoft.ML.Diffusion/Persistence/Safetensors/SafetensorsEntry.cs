namespace Microsoft.ML.Diffusion;

/// <summary>What a safetensors file says of a tensor.</summary>
public sealed class SafetensorsEntry
{
    // As many as torch's own loops take. Without a limit a header of 100 MB is one shape of 50 million sizes.
    internal const int MaxDimensions = 64;

    private readonly long[] _shape;

    /// <summary>A tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">The type of its numbers.</param>
    /// <param name="shape">Its sizes, at most 64; none for a single number.</param>
    /// <exception cref="ArgumentException">A size is negative, or the tensor has 2⁶³ bytes or more, or no whole number of bytes.</exception>
    public SafetensorsEntry(string name, SafetensorsType type, params ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(type);
        if (Refusal(name, type, shape, out long count) is { } refusal)
            throw new ArgumentException($"There can be no such tensor: {refusal}.", nameof(shape));
        Name = name;
        Type = type;
        Count = count;
        _shape = shape.ToArray();
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The type of its numbers.</summary>
    public SafetensorsType Type { get; }

    /// <summary>Its sizes; none for a single number.</summary>
    public IReadOnlyList<long> Shape => _shape;

    /// <summary>How many numbers it has.</summary>
    public long Count { get; }

    /// <summary>How many bytes it takes.</summary>
    public long ByteCount => (long)((Int128)Count * Type.Bits / 8);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type} [{string.Join(", ", _shape)}]";

    /// <summary>Why there is no such tensor; null where there is.</summary>
    internal static string? Refusal(string name, SafetensorsType type, ReadOnlySpan<long> shape, out long count)
    {
        count = 0;
        if (shape.Length > MaxDimensions)
            return $"tensor '{name}' has {shape.Length} dimensions; at most {MaxDimensions} are accepted";
        UInt128 product = 1;
        foreach (long size in shape)
        {
            if (size < 0)
                return $"tensor '{name}' has a negative size, {size}";
            // Below 2⁶³ before each product, so no product reaches 2¹²⁸.
            product *= (ulong)size;
            if (product > long.MaxValue)
                return $"tensor '{name}' is too large: [{string.Join(", ", shape.ToArray())}]";
        }
        var bits = product * (uint)type.Bits;
        if (bits / 8 > long.MaxValue)
            return $"tensor '{name}' is too large: [{string.Join(", ", shape.ToArray())}] of {type.Bits} bits";
        if (bits % 8 != 0)
            return $"tensor '{name}' has {product} numbers of {type.Bits} bits, which are no whole bytes";
        count = (long)product;
        return null;
    }
}
