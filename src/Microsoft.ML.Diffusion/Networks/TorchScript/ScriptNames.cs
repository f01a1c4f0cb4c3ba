namespace Microsoft.ML.Diffusion;

/// <summary>All classes and functions of an archive by their full names.</summary>
internal sealed class ScriptNames
{
    private readonly Dictionary<string, (ScriptFile File, ScriptClass Class)> _classes = [];
    private readonly Dictionary<string, (ScriptFile File, ScriptFunction Function)> _functions = [];

    /// <summary>Names everything once.</summary>
    /// <exception cref="ArgumentException">Two have one name.</exception>
    public ScriptNames(IReadOnlyList<ScriptFile> files, int constants)
    {
        Constants = constants;
        foreach (var file in files)
        {
            foreach (var declared in file.Classes)
            {
                Add(file, declared.Line, $"{file.Source.Namespace}.{declared.Name}", name => _classes.TryAdd(name, (file, declared)));
                Unique(file, declared.Line, [.. declared.Attributes.Select(attribute => attribute.Name), .. declared.Methods.Select(method => method.Name)]);
                // libtorch sets it without asking for its type.
                if (declared.Attributes.FirstOrDefault(attribute => attribute.Name == "training" && attribute.Type.Name is not "bool" && attribute.Constant is null) is { } training)
                    throw file.Source.Refuse(training.Line, $"'training' is of the type {training.Type}; expected bool");
                if (declared.Parameters.Concat(declared.Buffers).FirstOrDefault(name => declared.Attributes.All(attribute => attribute.Name != name || attribute.Type.Name is not ("Tensor" or "NoneType" or "Optional"))) is { } missing)
                    throw file.Source.Refuse(declared.Line, $"class {declared.Name} has no tensor '{missing}'");
            }
            foreach (var function in file.Functions)
                Add(file, function.Line, $"{file.Source.Namespace}.{function.Name}", name => _functions.TryAdd(name, (file, function)));
        }
        foreach (var (file, declared) in _classes.Values)
            foreach (var attribute in declared.Attributes.Where(attribute => !Knows(attribute.Type)))
                throw file.Source.Refuse(attribute.Line, $"'{attribute.Name}' is of the type {attribute.Type}, of which the file has no class");
    }

    /// <summary>The number of tensors that code calls CONSTANTS.</summary>
    public int Constants { get; }

    /// <summary>The classes with their full names.</summary>
    public IEnumerable<(string Name, ScriptFile File, ScriptClass Class)> Classes => _classes.Select(entry => (entry.Key, entry.Value.File, entry.Value.Class));

    /// <summary>The functions with their full names.</summary>
    public IEnumerable<(string Name, ScriptFile File, ScriptFunction Function)> Functions => _functions.Select(entry => (entry.Key, entry.Value.File, entry.Value.Function));

    /// <summary>A class; null where there is none.</summary>
    public ScriptClass? Class(string name) => _classes.TryGetValue(name, out var found) ? found.Class : null;

    /// <summary>A function; null where there is none.</summary>
    public ScriptFunction? Function(string name) => _functions.TryGetValue(name, out var found) ? found.Function : null;

    /// <summary>Whether all classes in a type are there.</summary>
    public bool Knows(ScriptType type) => (!type.IsClass || _classes.ContainsKey(type.Name)) && type.Arguments.All(argument => !argument.IsClass && Knows(argument));

    private static void Add(ScriptFile file, int line, string name, Func<string, bool> add)
    {
        if (!add(name))
            throw file.Source.Refuse(line, $"{name} is there twice");
    }

    private static void Unique(ScriptFile file, int line, IReadOnlyList<string> names)
    {
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw file.Source.Refuse(line, $"'{twice.Key}' is there twice in one class");
        // What libtorch calls by itself when it reads, copies or compares.
        if (names.FirstOrDefault(name => name.StartsWith("__", StringComparison.Ordinal)) is { } special)
            throw file.Source.Refuse(line, $"'{special}' is not permitted in a class");
    }
}
