namespace Microsoft.ML.Diffusion;

/// <summary>Bounds the code that libtorch makes when it writes each called function in the place of its call.</summary>
internal sealed class ScriptCallGraph
{
    // Ten times the code of the largest networks; deeper than modules lie in each other.
    private const long Most = 1 << 20;
    private const int Deepest = 200;

    private readonly Dictionary<ScriptFunction, (ScriptSource Source, int Size, IReadOnlyList<ScriptFunction> Calls)> _functions = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ScriptFunction, long> _sizes = new(ReferenceEqualityComparer.Instance);

    /// <summary>Adds a function with what it calls.</summary>
    public void Add(ScriptSource source, ScriptFunction function, int size, IReadOnlyList<ScriptFunction> calls) => _functions.Add(function, (source, size, calls));

    /// <summary>Refuses code that calls itself, or grows beyond bounds.</summary>
    /// <exception cref="ArgumentException">Says which function does.</exception>
    public void Check()
    {
        foreach (var function in _functions.Keys)
            _ = SizeOf(function, 0);
    }

    private long SizeOf(ScriptFunction function, int depth)
    {
        var (source, size, calls) = _functions[function];
        if (_sizes.TryGetValue(function, out long known))
            return known;
        if (depth > Deepest)
            throw source.Refuse(function.Line, $"{function.Name} is called by itself, or lies more than {Deepest} calls deep");
        long sum = size + calls.Sum(call => SizeOf(call, depth + 1));
        return sum <= Most ? _sizes[function] = sum : throw source.Refuse(function.Line, $"{function.Name} grows to more than {Most} operations when the functions that it calls are written in place");
    }
}
