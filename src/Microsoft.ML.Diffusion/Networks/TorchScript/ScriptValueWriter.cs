namespace Microsoft.ML.Diffusion;

/// <summary>Writes what modules hold, each value as of the type that its class says; libtorch would believe both.</summary>
internal sealed class ScriptValueWriter(ScriptNames names, ScriptStorage storage, string entry)
{
    private const int MostValues = 1 << 22;
    private const int Deepest = 200;

    private readonly PickleWriter _pickle = new();
    private readonly HashSet<PickleObject> _open = [];
    private int _values;
    private int _depth;

    /// <summary>The module of a file.</summary>
    /// <exception cref="ArgumentException">A value is not of its type; says which.</exception>
    public byte[] Module(object? value)
    {
        if (value is not PickleObject module)
            throw ScriptArchive.Refuse($"{entry} holds no module");
        Write(module, new ScriptType(module.Class, []), "the module");
        return _pickle.Finish();
    }

    /// <summary>The tensors that code calls CONSTANTS.</summary>
    /// <exception cref="ArgumentException">It is something else.</exception>
    public byte[] Constants(PickleTuple values)
    {
        _pickle.Op("(");
        foreach (object? value in values.Items)
            Write(value, new ScriptType("Tensor", []), "a constant");
        _pickle.Op("t");
        return _pickle.Finish();
    }

    private void Write(object? value, ScriptType type, string place)
    {
        if (++_values > MostValues || ++_depth > Deepest)
            throw ScriptArchive.Refuse($"{entry} holds too much: more than {MostValues} values, or {Deepest} in each other");
        switch (type.Name, value)
        {
            case ("NoneType" or "Optional", null):
                _pickle.Op("N");
                break;
            case ("Optional", _):
                Write(value, type.Arguments[0], place);
                break;
            case ("bool", bool flag):
                _pickle.Op(flag ? "\u0088" : "\u0089");
                break;
            case ("int" or "number", long number):
                _pickle.Number(number);
                break;
            case ("float" or "number", double number):
                _pickle.Real(number);
                break;
            case ("str", string text):
                _pickle.Text(text);
                break;
            case ("Tensor", PickleTensor tensor):
                Write(tensor);
                break;
            case ("Tuple", PickleTuple tuple) when tuple.Items.Count == type.Arguments.Count:
                _pickle.Op("(");
                for (int i = 0; i < tuple.Items.Count; i++)
                    Write(tuple.Items[i], type.Arguments[i], place);
                _pickle.Op("t");
                break;
            case ("List", PickleList list):
                Tagged(type, () =>
                {
                    _pickle.Op("](");
                    foreach (object? item in list.Items)
                        Write(item, type.Arguments[0], place);
                    _pickle.Op("e");
                });
                break;
            case ("Dict", PickleDictionary dictionary) when type.Arguments[0].Name is "str" or "int" or "float" or "bool":
                Tagged(type, () =>
                {
                    _pickle.Op("}(");
                    foreach (var (key, item) in dictionary.Items)
                    {
                        Write(key, type.Arguments[0], place);
                        Write(item, type.Arguments[1], place);
                    }
                    _pickle.Op("u");
                });
                break;
            case (_, PickleObject module) when module.Class == type.Name:
                Write(module);
                break;
            default:
                throw ScriptArchive.Refuse($"{entry} holds {Describe(value)} for {place}; expected {type}");
        }
        _depth--;
    }

    private void Tagged(ScriptType type, Action write)
    {
        _pickle.Global("torch.jit._pickle", "restore_type_tag");
        _pickle.Op("(");
        write();
        _pickle.Text(type.ToString());
        _pickle.Op("tR");
    }

    private void Write(PickleTensor tensor)
    {
        if (_pickle.Repeat(tensor))
            return;
        storage.Check(tensor);
        _pickle.Global("torch._utils", "_rebuild_tensor_v2");
        _pickle.Op("((");
        _pickle.Text("storage");
        _pickle.Global("torch", tensor.Storage.Type);
        _pickle.Text(tensor.Storage.Key);
        _pickle.Text("cpu");
        _pickle.Number(tensor.Storage.Count);
        _pickle.Op("tQ");
        _pickle.Number(tensor.Offset);
        _pickle.Tuple(tensor.Sizes);
        _pickle.Tuple(tensor.Strides);
        // Whole numbers have no gradient.
        _pickle.Op(tensor.Learns && tensor.Storage.Type is "FloatStorage" or "DoubleStorage" or "HalfStorage" or "BFloat16Storage" ? "\u0088" : "\u0089");
        _pickle.Global("collections", "OrderedDict");
        _pickle.Op(")RtR");
        _pickle.Keep(tensor);
    }

    private void Write(PickleObject module)
    {
        if (_pickle.Repeat(module))
            return;
        var declared = names.Class(module.Class) ?? throw ScriptArchive.Refuse($"{entry} holds a {module.Class}, of which the file has no class");
        if (!_open.Add(module))
            throw ScriptArchive.Refuse($"{entry} holds a {module.Class} that is a part of itself");
        var state = new Dictionary<string, object?>();
        foreach (var (key, value) in module.State?.Items ?? [])
            if (key is not string name || !state.TryAdd(name, value))
                throw ScriptArchive.Refuse($"{entry} holds two values of one name for {module.Class}");
        int dot = module.Class.LastIndexOf('.');
        _pickle.Global(module.Class[..dot], module.Class[(dot + 1)..]);
        _pickle.Op(")\u0081}(");
        foreach (var attribute in declared.Attributes.Where(attribute => attribute.Constant is null))
        {
            _pickle.Text(attribute.Name);
            Write(state.TryGetValue(attribute.Name, out object? value) ? value : throw ScriptArchive.Refuse($"{entry} holds no '{attribute.Name}' for {module.Class}"), attribute.Type, $"'{attribute.Name}'");
        }
        _pickle.Op("ub");
        _pickle.Keep(module);
        _open.Remove(module);
    }

    private static string Describe(object? value) => value switch
    {
        null => "None",
        bool => "a bool",
        long => "an int",
        double => "a float",
        string => "a str",
        PickleTensor => "a Tensor",
        PickleList => "a list",
        PickleTuple tuple => $"a tuple of {tuple.Items.Count}",
        PickleDictionary => "a dictionary",
        PickleObject module => $"a {module.Class}",
        _ => "something else",
    };
}
