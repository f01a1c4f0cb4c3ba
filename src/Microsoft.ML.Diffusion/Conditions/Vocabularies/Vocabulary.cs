using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The values that keys stand for: the n-th value is the key n, from 1; the key 0 is a missing one. A part of the identity of a condition: two columns with the same number of keys are the same
/// condition only where their keys stand for the same values.
/// </summary>
/// <remarks>Immutable and thread safe. Stored as JSON in model files. Text is compared in composed form (Unicode's NFC), and otherwise exactly: capital letters and blanks count.</remarks>
public sealed class Vocabulary : IEquatable<Vocabulary>
{
    /// <summary>The type of values that are text.</summary>
    public const string Text = "String";

    private readonly byte[] _sum;
    private readonly Lazy<Dictionary<string, int>> _exact;
    private readonly Lazy<Dictionary<string, int>> _canonical;

    /// <summary>A vocabulary.</summary>
    /// <param name="values">The values as text, independent of any culture, in the order of their keys; a half of a surrogate pair that stands alone becomes U+FFFD.</param>
    /// <param name="type">The type of the values, by ML.NET's name for it: <see cref="Text"/>, Single, Int32, Boolean …</param>
    /// <exception cref="ArgumentException">A value is null.</exception>
    [JsonConstructor]
    public Vocabulary(IReadOnlyList<string> values, string type = Text)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentException.ThrowIfNullOrEmpty(type);
        if (values.Any(value => value is null))
            throw new ArgumentException("A value of the vocabulary is null.", nameof(values));
        Values = [.. values.Select(CanonicalText.WellFormed)];
        Type = type;
        _sum = Sum();
        _exact = new(() => FirstPlaces(Values));
        _canonical = new(() => FirstPlaces(Values.Select(CanonicalText.Of)));
    }

    /// <summary>The values as text, in the order of their keys.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>The type of the values, by ML.NET's name for it.</summary>
    public string Type { get; }

    /// <summary>The number of values.</summary>
    [JsonIgnore]
    public int Count => Values.Count;

    /// <summary>The key of a value, from 1; 0 where the vocabulary does not have it.</summary>
    /// <param name="value">The value as text.</param>
    public int KeyOf(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _exact.Value.TryGetValue(value, out int key) || _canonical.Value.TryGetValue(CanonicalText.Of(value), out key) ? key : 0;
    }

    /// <summary>Whether the vocabulary has a value just so, whatever is equal to it in composed form.</summary>
    internal bool HasExactly(string value) => _exact.Value.ContainsKey(value);

    /// <summary>Values that are the same in composed form, so that readers take them for one; none in most vocabularies.</summary>
    internal IEnumerable<IReadOnlyList<string>> Alike()
        => Values.GroupBy(CanonicalText.Of).Where(group => group.Count() > 1).Select(group => group.ToArray());

    /// <summary>Some of the values in quotes, for messages: all where they are few, else those that are most like the one asked for.</summary>
    /// <param name="like">What was asked for; the first ones where null.</param>
    internal string Describe(string? like = null)
    {
        const int Most = 10;
        if (Count <= Most)
            return string.Join(", ", Values.Select(CanonicalText.Quote).DefaultIfEmpty("none"));
        IEnumerable<string> shown = like is null ? Values : Values.OrderBy(value => EditDistance.Between(value, like));
        return $"{string.Join(", ", shown.Take(Most).Select(CanonicalText.Quote))} and {Count - Most} more";
    }

    /// <inheritdoc/>
    public bool Equals(Vocabulary? other) => ReferenceEquals(this, other) || (other is not null && _sum.AsSpan().SequenceEqual(other._sum));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Vocabulary);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_sum);

    /// <summary>The values, or the first of them.</summary>
    public override string ToString() => Describe();

    // Compared in every call of a network: all values by one sum.
    private byte[] Sum()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string text in Values.Prepend(Type))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
        return hash.GetHashAndReset();
    }

    private static Dictionary<string, int> FirstPlaces(IEnumerable<string> values)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        int key = 0;
        foreach (string value in values)
            places.TryAdd(value, ++key);
        return places;
    }
}
