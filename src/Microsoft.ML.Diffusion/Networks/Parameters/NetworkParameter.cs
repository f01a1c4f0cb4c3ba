namespace Microsoft.ML.Diffusion;

/// <summary>A parameter of a network, before it exists.</summary>
public sealed class NetworkParameter
{
    private readonly long[] _shape;

    /// <summary>A parameter.</summary>
    /// <param name="name">Its name, unique within the network.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="initializer">How it starts.</param>
    /// <param name="isFrozen">Whether it stays as it starts, or as it was loaded.</param>
    public NetworkParameter(string name, ReadOnlySpan<long> shape, Initializer initializer, bool isFrozen = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        IsFrozen = isFrozen;
        _shape = shape.ToArray();
        Initializer = initializer;
        Count = 1;
        foreach (long size in shape)
            Count = checked(Count * (size > 0 ? size : throw new ArgumentException($"Parameter '{name}' has a size of {size}; sizes are positive.", nameof(shape))));
    }

    /// <summary>A parameter that starts with given values.</summary>
    /// <param name="name">Its name, unique within the network.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="values">The values in row-major order.</param>
    /// <param name="isFrozen">Whether it stays as it starts, or as it was loaded.</param>
    public NetworkParameter(string name, ReadOnlySpan<long> shape, ReadOnlyMemory<float> values, bool isFrozen = false)
        : this(name, shape, Initializer.Zeros, isFrozen)
    {
        if (values.Length != Count)
            throw new ArgumentException($"Parameter {this} has {Count} values, got {values.Length}.", nameof(values));
        Values = values;
    }

    /// <summary>Its name, unique within the network: that of Hugging Face diffusers where it has the layer.</summary>
    public string Name { get; }

    /// <summary>Its sizes.</summary>
    public IReadOnlyList<long> Shape => _shape;

    /// <summary>How it starts.</summary>
    public Initializer Initializer { get; }

    /// <summary>Whether training leaves it alone.</summary>
    public bool IsFrozen { get; }

    /// <summary>The number of its values.</summary>
    public long Count { get; }

    /// <summary>The values it starts with; null where the initializer says.</summary>
    internal ReadOnlyMemory<float>? Values { get; }

    /// <summary>The same parameter under the name <c>prefix.name</c>.</summary>
    internal NetworkParameter Under(string prefix) => Values is { } values
        ? new($"{prefix}.{Name}", _shape, values, IsFrozen)
        : new($"{prefix}.{Name}", _shape, Initializer, IsFrozen);

    internal long[] ShapeArray => _shape;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} [{string.Join(", ", _shape)}]";
}
