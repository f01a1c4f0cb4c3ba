using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>The shape of one sample: a picture [channels, height, width], a sequence [channels, length] or a vector [length].</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class DataShape : IEquatable<DataShape>
{
    private readonly int[] _dimensions;

    /// <summary>A shape of given dimensions.</summary>
    /// <param name="dimensions">One (vector), two (channels, length) or three (channels, height, width) positive numbers.</param>
    /// <exception cref="ArgumentException">None of these; names what was got.</exception>
    [JsonConstructor]
    public DataShape(params IReadOnlyList<int> dimensions)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        if (dimensions.Count is not (1 or 2 or 3) || dimensions.Any(size => size < 1))
            throw new ArgumentException($"A sample has 1 dimension (a vector), 2 (channels, length) or 3 (channels, height, width), all positive, got [{string.Join(", ", dimensions)}].", nameof(dimensions));
        _dimensions = [.. dimensions];
        long total = _dimensions.Aggregate(1L, (product, size) => product > int.MaxValue ? product : product * size);
        Size = total <= int.MaxValue ? (int)total : throw new ArgumentException($"A sample of [{string.Join(", ", dimensions)}] has more than {int.MaxValue} values.", nameof(dimensions));
    }

    /// <summary>[length], [channels, length] or [channels, height, width].</summary>
    public IReadOnlyList<int> Dimensions => _dimensions;

    /// <summary>The number of values of a sample.</summary>
    [JsonIgnore]
    public int Size { get; }

    /// <summary>Whether a sample is a picture.</summary>
    [JsonIgnore]
    public bool IsImage => _dimensions.Length == 3;

    /// <summary>Whether a sample is a sequence: channels that change along one dimension, such as a signal over time.</summary>
    [JsonIgnore]
    public bool IsSequence => _dimensions.Length == 2;

    /// <summary>The shape of a batch: [batch, ...].</summary>
    /// <param name="batch">The number of rows.</param>
    public long[] Batch(long batch) => [batch, .. _dimensions.Select(size => (long)size)];

    /// <inheritdoc/>
    public bool Equals(DataShape? other) => other is not null && _dimensions.AsSpan().SequenceEqual(other._dimensions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DataShape);

    /// <inheritdoc/>
    public override int GetHashCode() => _dimensions.Aggregate(17, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", _dimensions)}]";
}
