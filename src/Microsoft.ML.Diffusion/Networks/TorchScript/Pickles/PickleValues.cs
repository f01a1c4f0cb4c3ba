namespace Microsoft.ML.Diffusion;

/// <summary>A name in a pickle: <c>torch FloatStorage</c>.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>A list in a pickle.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A tuple in a pickle.</summary>
internal sealed class PickleTuple(object?[] items)
{
    public IReadOnlyList<object?> Items { get; } = items;
}

/// <summary>A dictionary in a pickle.</summary>
internal sealed class PickleDictionary
{
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>A module in a pickle.</summary>
internal sealed class PickleObject(string @class)
{
    public string Class { get; } = @class;

    public PickleDictionary? State { get; set; }
}

/// <summary>The numbers of tensors, in an entry of its own.</summary>
internal sealed record PickleStorage(string Type, string Key, long Count);

/// <summary>A tensor in a pickle: a view of a storage.</summary>
internal sealed class PickleTensor(PickleStorage storage, long offset, long[] sizes, long[] strides, bool learns)
{
    public PickleStorage Storage { get; } = storage;

    public long Offset { get; } = offset;

    public IReadOnlyList<long> Sizes { get; } = sizes;

    public IReadOnlyList<long> Strides { get; } = strides;

    public bool Learns { get; } = learns;
}
