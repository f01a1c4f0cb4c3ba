namespace Microsoft.ML.Diffusion;

/// <summary>A type in TorchScript code: a name, and what it is of.</summary>
internal sealed record ScriptType(string Name, IReadOnlyList<ScriptType> Arguments)
{
    /// <summary>Values that hold no code.</summary>
    public static readonly IReadOnlyDictionary<string, Range> Known = new Dictionary<string, Range>
    {
        ["Tensor"] = 0..0,
        ["int"] = 0..0,
        ["float"] = 0..0,
        ["bool"] = 0..0,
        ["str"] = 0..0,
        ["number"] = 0..0,
        ["NoneType"] = 0..0,
        ["Device"] = 0..0,
        ["Optional"] = 1..1,
        ["Final"] = 1..1,
        ["List"] = 1..1,
        ["Dict"] = 2..2,
        ["Tuple"] = 1..64,
    };

    /// <summary>Whether it is a class of the archive.</summary>
    public bool IsClass => Name.StartsWith("__torch__", StringComparison.Ordinal);

    /// <summary>Whether a value of it can be changed by one who holds it: a list or a dictionary.</summary>
    public bool IsContainer => Name is "List" or "Dict" || Arguments.Any(argument => argument.IsContainer);

    /// <summary>Whether a value can be read as this type although it is of another, without harm: libtorch looks at it again at each use.</summary>
    public bool IsSimple => Name is "Tensor" or "int" or "float" or "bool" or "str" or "number" or "Device" || (Name is "List" or "Optional" && Arguments[0].IsSimple);

    /// <inheritdoc/>
    public override string ToString() => Arguments.Count == 0 ? Name : $"{Name}[{string.Join(", ", Arguments)}]";
}
