namespace Microsoft.ML.Diffusion;

/// <summary>What a safetensors file says of a tensor.</summary>
public sealed class SafetensorsEntry
{
    private readonly long[] _shape;

    /// <summary>A tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">The type of its numbers.</param>
    /// <param name="shape">Its sizes; none for a single number.</param>
    /// <exception cref="ArgumentException">A size is negative, or the tensor has 2⁶³ bytes or more.</exception>
    public SafetensorsEntry(string name, SafetensorsType type, params ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        Type = type;
        _shape = shape.ToArray();
        UInt128 count = 1;
        foreach (long size in shape)
        {
            if (size < 0)
                throw new ArgumentException($"Tensor '{name}' has a negative size, {size}.", nameof(shape));
            // Below 2⁶³ before each product, so no product reaches 2¹²⁸.
            count *= (ulong)size;
            if (count > long.MaxValue)
                throw new ArgumentException($"Tensor '{name}' is too large.", nameof(shape));
        }
        Count = (long)count;
        if (count * (ulong)SizeOf(type) > long.MaxValue)
            throw new ArgumentException($"Tensor '{name}' is too large.", nameof(shape));
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
    public long ByteCount => Count * SizeOf(Type);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type} [{string.Join(", ", _shape)}]";

    /// <summary>The type as files write it.</summary>
    internal static string CodeOf(SafetensorsType type) => type == SafetensorsType.Bool ? "BOOL" : type.ToString();

    /// <summary>The bytes of a number.</summary>
    internal static int SizeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.F64 or SafetensorsType.I64 or SafetensorsType.U64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 or SafetensorsType.U32 => 4,
        SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.I16 or SafetensorsType.U16 => 2,
        _ => 1,
    };
}
