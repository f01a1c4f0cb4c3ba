namespace Microsoft.ML.Diffusion;

/// <summary>The operators that compute and do nothing else: the list in PermittedOperators.txt.</summary>
internal static class PermittedOperators
{
    private static readonly HashSet<string> All = Read();

    // Named results that are written (out, values, indices, ...) are none of these.
    private static readonly HashSet<string> Named =
    [
        "align_corners", "alpha", "antialias", "approximate", "beta", "copy", "correction", "descending", "device", "dim", "dtype", "enable_gqa", "eps", "implicit_value", "interpolation", "is_causal", "keepdim",
        "layout", "memory_format", "non_blocking", "ord", "pin_memory", "rounding_mode", "scale", "stable", "unbiased", "value",
    ];

    // Whole numbers divided by 0, or the least one by −1, end the process where the numbers are no tensors.
    private static readonly HashSet<string> Dividing = ["floor_divide", "floordiv", "remainder", "fmod"];

    private static readonly HashSet<string> Changing = ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "setdefault", "update", "_set_item", "sort"];

    /// <summary>The names, such as <c>aten::add</c>.</summary>
    public static IEnumerable<string> Names => All;

    /// <summary>Whether a name is permitted.</summary>
    public static bool Has(string name) => All.Contains(name);

    /// <summary>Whether an argument may be named so.</summary>
    public static bool MayName(string argument) => Named.Contains(argument);

    /// <summary>Whether it changes a list or a dictionary.</summary>
    public static bool ChangesContainers(string name) => Changing.Contains(name);

    /// <summary>The call as libtorch shall read it: where an operator means something else for arguments of other types, their types are said.</summary>
    public static ScriptCall Pin(string name, ScriptCall call)
    {
        if (name == "view" && call.Arguments is [var tensor, var sizes])
            return call with { Arguments = [tensor, Typed(sizes, new ScriptType("List", [new ScriptType("int", [])]))] };
        if (Dividing.Contains(name) && call.Arguments is [var dividend, var divisor, ..] && !IsSafeDivisor(divisor))
            return call with { Arguments = [Typed(dividend, new ScriptType("Tensor", [])), .. call.Arguments.Skip(1)] };
        return call;
    }

    private static bool IsSafeDivisor(ScriptExpression divisor) => divisor is ScriptLiteral { Text: not ("0" or "-0" or "-1") };

    private static ScriptTyped Typed(ScriptExpression value, ScriptType type) => new(value.Line, "annotate", type, value);

    private static HashSet<string> Read()
    {
        var names = new HashSet<string>();
        using var stream = typeof(PermittedOperators).Assembly.GetManifestResourceStream("PermittedOperators.txt")!;
        using var reader = new StreamReader(stream);
        string space = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('['))
                space = line.Trim('[', ']');
            else if (!line.StartsWith('#'))
                names.UnionWith(line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => $"{space}::{name}"));
        }
        return names;
    }
}
