namespace Microsoft.ML.Diffusion;

/// <content>What a pickle may make: tensors, typed lists, modules.</content>
internal sealed partial class PickleReader
{
    private const string Rebuild = "torch._utils _rebuild_tensor_v2";

    private static readonly HashSet<string> Functions =
    [
        Rebuild, "collections OrderedDict", "torch.jit._pickle restore_type_tag", "torch.jit._pickle build_intlist", "torch.jit._pickle build_doublelist", "torch.jit._pickle build_boollist",
        "torch.jit._pickle build_tensorlist",
    ];

    private PickleGlobal Global(string name)
    {
        bool isKnown = Functions.Contains(name) || (name.StartsWith("torch ", StringComparison.Ordinal) && ScriptStorage.Sizes.ContainsKey(name[6..])) || name.StartsWith("__torch__", StringComparison.Ordinal);
        return isKnown ? new PickleGlobal(name) : throw Refuse($"asks for '{name}', which is no part of a module that only computes");
    }

    private PickleObject New(object?[] parts)
        => parts is [PickleGlobal global, PickleTuple { Items.Count: 0 }] && global.Name.StartsWith("__torch__", StringComparison.Ordinal)
            ? new PickleObject(global.Name.Replace(' ', '.'))
            : throw Refuse("makes an object that is no module");

    private PickleStorage Storage(object? id)
        => id is PickleTuple { Items: ["storage", PickleGlobal type, string key, string, long count] } && type.Name.StartsWith("torch ", StringComparison.Ordinal)
            ? new PickleStorage(type.Name[6..], key, count)
            : throw Refuse("refers to something else than numbers of tensors");

    private object Reduce(object?[] parts)
    {
        if (parts is not [PickleGlobal function, PickleTuple arguments])
            throw Refuse("calls what is no function");
        return (function.Name, arguments.Items) switch
        {
            ("collections OrderedDict", []) => new PickleDictionary(),
            (Rebuild, [PickleStorage storage, long offset, PickleTuple sizes, PickleTuple strides, bool learns, PickleDictionary { Items.Count: 0 }]) => new PickleTensor(storage, offset, Numbers(sizes), Numbers(strides), learns),
            ("torch.jit._pickle restore_type_tag", [PickleList or PickleDictionary, string]) => arguments.Items[0]!,
            ("torch.jit._pickle build_intlist" or "torch.jit._pickle build_doublelist" or "torch.jit._pickle build_boollist" or "torch.jit._pickle build_tensorlist", [PickleList list]) => list,
            _ => throw Refuse($"calls {function.Name} with other arguments than torch.jit.save writes"),
        };
    }

    private long[] Numbers(PickleTuple tuple) => [.. tuple.Items.Select(item => item is long number ? number : throw Refuse("gives sizes that are no whole numbers"))];
}
