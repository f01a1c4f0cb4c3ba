namespace Microsoft.ML.Diffusion;

/// <summary>The numbers of tensors in an archive.</summary>
internal sealed class ScriptStorage(ScriptArchive archive, string folder)
{
    /// <summary>The types of numbers, and their bytes.</summary>
    public static readonly IReadOnlyDictionary<string, int> Sizes = new Dictionary<string, int>
    {
        ["FloatStorage"] = 4,
        ["DoubleStorage"] = 8,
        ["HalfStorage"] = 2,
        ["BFloat16Storage"] = 2,
        ["LongStorage"] = 8,
        ["IntStorage"] = 4,
        ["ShortStorage"] = 2,
        ["CharStorage"] = 1,
        ["ByteStorage"] = 1,
        ["BoolStorage"] = 1,
    };

    // A tensor may show a number many times; the more memory its copy takes.
    private const long MostRepeated = 1 << 20;
    private const long MostTimes = 16;

    private readonly Dictionary<string, PickleStorage> _used = [];

    /// <summary>The entries of those that tensors use.</summary>
    public IEnumerable<(string Name, byte[] Content)> Entries => _used.Keys.Select(key => ($"{folder}/{key}", archive.Content($"{folder}/{key}")!));

    /// <summary>Refuses a tensor that does not lie within its storage, and a storage that is not as long as it says.</summary>
    /// <exception cref="ArgumentException">Says which.</exception>
    public void Check(PickleTensor tensor)
    {
        var storage = tensor.Storage;
        if (!_used.TryGetValue(storage.Key, out var known))
        {
            byte[] content = archive.Content($"{folder}/{storage.Key}") ?? throw ScriptArchive.Refuse($"the entry {folder}/{storage.Key} of a tensor is missing");
            if (storage.Count < 0 || (Int128)storage.Count * Sizes[storage.Type] != content.Length)
                throw ScriptArchive.Refuse($"{folder}/{storage.Key} has {content.Length} bytes; expected {storage.Count} numbers of a {storage.Type}");
            if (storage.Type == "BoolStorage" && content.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)1))
                throw ScriptArchive.Refuse($"{folder}/{storage.Key} holds something else than true and false");
            _used.Add(storage.Key, storage);
        }
        else if (known != storage)
            throw ScriptArchive.Refuse($"two tensors say that {folder}/{storage.Key} is of different types");
        if (tensor.Sizes.Count != tensor.Strides.Count || tensor.Sizes.Count > 64 || tensor.Offset < 0 || tensor.Sizes.Concat(tensor.Strides).Any(number => number < 0))
            throw ScriptArchive.Refuse($"a tensor of {folder}/{storage.Key} has impossible sizes");
        // No overflow: each summand is below 2^31 · 2^32.
        Int128 last = tensor.Offset;
        bool isEmpty = tensor.Sizes.Contains(0);
        Int128 count = 1;
        for (int i = 0; i < tensor.Sizes.Count && !isEmpty; i++)
        {
            if (tensor.Sizes[i] > int.MaxValue || tensor.Strides[i] > long.MaxValue / int.MaxValue || (count *= tensor.Sizes[i]) > long.MaxValue)
                throw ScriptArchive.Refuse($"a tensor of {folder}/{storage.Key} has impossible sizes");
            last += (Int128)(tensor.Sizes[i] - 1) * tensor.Strides[i];
        }
        if (count > Math.Max(MostRepeated, MostTimes * storage.Count))
            throw ScriptArchive.Refuse($"a tensor of {folder}/{storage.Key} makes {count} numbers of {storage.Count}");
        if (isEmpty ? tensor.Offset > storage.Count || tensor.Sizes.Any(size => size > int.MaxValue) : last >= storage.Count)
            throw ScriptArchive.Refuse($"a tensor of {folder}/{storage.Key} reaches beyond its {storage.Count} numbers");
    }
}
