namespace Microsoft.ML.Diffusion;

/// <summary>Runs a network on sizes alone: refuses what does not fit by name, collects the parameters in order, counts uses.</summary>
internal sealed partial class ShapeOps : IOps<ShapeValue>
{
    // The largest published networks make a few thousand. Each costs some hundred bytes here, so that depths that a file claims are refused before they cost much.
    private const int MostValues = 1 << 16;

    private readonly List<NetworkParameter> _parameters = [];
    private readonly Dictionary<string, int> _parameterIndices = [];

    /// <summary>A run that may use parameters of a larger whole.</summary>
    /// <param name="known">The parameters of the whole; none where the run is the whole.</param>
    public ShapeOps(params IReadOnlyList<NetworkParameter> known)
    {
        foreach (var parameter in known)
        {
            _parameterIndices.Add(parameter.Name, _parameters.Count);
            _parameters.Add(parameter);
        }
    }

    /// <inheritdoc/>
    public int PictureChannels { get; init; }

    /// <summary>The parameters in the order of their first use.</summary>
    public IReadOnlyList<NetworkParameter> Parameters => _parameters;

    /// <summary>The index of each parameter asked for, in order.</summary>
    public List<int> Requests { get; } = [];

    /// <summary>How often each value is used.</summary>
    public List<int> Uses { get; } = [];

    /// <summary>The number of values there are when each is used last.</summary>
    public List<int> LastUses { get; } = [];

    /// <summary>A value that comes from outside.</summary>
    public static ShapeValue Input(ValueKind kind, params int[] sizes) => new(sizes, kind, -1);

    /// <summary>The sizes of each value.</summary>
    public List<int[]> Sizes { get; } = [];

    /// <summary>The number of products that convolutions and products of matrices take; custom operations do not tell theirs.</summary>
    public long Products { get; private set; }

    /// <summary>Counts a use.</summary>
    public void Use(ShapeValue x)
    {
        if (x.Index < 0)
            return;
        Uses[x.Index]++;
        LastUses[x.Index] = Uses.Count;
    }

    /// <inheritdoc/>
    public int Rank(ShapeValue x) => x.Sizes.Length;

    /// <inheritdoc/>
    public int Size(ShapeValue x, int dimension) => x.Sizes[dimension];

    private static void Require(bool fits, string name, string expected, ShapeValue got)
    {
        if (!fits)
            throw new ArgumentException($"'{name}': expected {expected}, got {got}{(got.Kind == ValueKind.Working ? "" : $" ({got.Kind})")}.");
    }

    private static void RequireWorking(ShapeValue x, string name, int? rank = null, string shape = "a value") =>
        Require(x.Kind == ValueKind.Working && (rank is null || x.Sizes.Length == rank) && x.Sizes.Length >= 2, name, $"{shape} in working precision", x);

    private static int[] With(int[] sizes, int dimension, int size)
    {
        int[] result = [.. sizes];
        result[dimension] = size;
        return result;
    }

    private ShapeValue Produce(ValueKind kind, int[] sizes, params ReadOnlySpan<ShapeValue> sources)
    {
        if (Uses.Count == MostValues)
            throw new ArgumentException($"The network makes more than {MostValues} values: it has too many layers.");
        // Wrapped around, or more than can be counted.
        long count = 1;
        foreach (int size in sizes)
            count = checked(count * (size >= 0 ? size : throw new OverflowException()));
        foreach (var source in sources)
            Use(source);
        Uses.Add(0);
        LastUses.Add(Uses.Count - 1);
        Sizes.Add(sizes);
        return new ShapeValue(sizes, kind, Uses.Count - 1);
    }

    private static long Count(ReadOnlySpan<int> sizes)
    {
        long count = 1;
        foreach (int size in sizes)
            count *= size;
        return count;
    }

    private void Declare(string name, Initializer initializer, params ReadOnlySpan<long> shape) => Declare(name, initializer, isFrozen: false, shape);

    private void Declare(string name, Initializer initializer, bool isFrozen, ReadOnlySpan<long> shape) => Declare(new NetworkParameter(name, shape, initializer, isFrozen));

    private void Declare(NetworkParameter parameter)
    {
        string name = parameter.Name;
        if (_parameterIndices.TryGetValue(name, out int index))
        {
            if (!parameter.Shape.SequenceEqual(_parameters[index].Shape))
                throw new ArgumentException($"Parameter '{name}' is used with two shapes, [{string.Join(", ", parameter.Shape)}] and {_parameters[index]}.");
            if (parameter.IsFrozen != _parameters[index].IsFrozen)
                throw new ArgumentException($"Parameter '{name}' is used as frozen and as trained.");
        }
        else
        {
            index = _parameters.Count;
            _parameterIndices.Add(name, index);
            _parameters.Add(parameter);
        }
        Requests.Add(index);
    }
}
