using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// A folder of Hugging Face diffusers: configurations and safetensors weights in folders of their own. Reads files of the folder alone, and no pickles, which could run code.
/// </summary>
internal sealed class DiffusersFolder
{
    public const string ConfigName = "config.json";
    public const string SchedulerName = "scheduler_config.json";
    public const string IndexName = "model_index.json";
    public const string WeightsName = "diffusion_pytorch_model.safetensors";

    private const string ShardsSuffix = ".index.json";
    private const string AnyShards = "*.safetensors.index*.json";
    private const long LargestJson = 64 << 20;

    private readonly string _path;

    /// <summary>A folder.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public DiffusersFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = Path.GetFullPath(path);
        if (!Directory.Exists(_path))
            throw new DirectoryNotFoundException($"There is no folder '{path}'. Models are read from folders on this machine; nothing is downloaded.");
    }

    /// <summary>The first of some parts that the folder has; the folder itself where it is named by the empty name.</summary>
    /// <param name="file">The file that a part needs.</param>
    /// <param name="names">The names that the part may have.</param>
    public string? FindPart(string file, params IReadOnlyList<string> names) => names.FirstOrDefault(name => File.Exists(Path.Combine(_path, name, file)));

    /// <summary>The options of a part.</summary>
    /// <exception cref="InvalidDataException">The file is malformed; says how.</exception>
    public DiffusersOptions Options(string part, string file)
    {
        using var document = Json(Path.Combine(part, file));
        return new DiffusersOptions(document.RootElement.Clone(), Path.Combine(part, file));
    }

    /// <summary>The weights of a part, in one file or several, in any precision that is read.</summary>
    /// <exception cref="FileNotFoundException">There are none in safetensors files.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or they are not those of the inventory; lists them.</exception>
    public FlatParameters Weights(string part, IReadOnlyList<NetworkParameter> inventory, Device device)
    {
        var files = WeightFiles(part);
        using var weights = new JoinedWeights(files, ParameterNames.ToCurrent);
        try
        {
            return SafetensorsParameters.Load(weights, inventory, device, Precision.Float32);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"'{string.Join("', '", files)}': {exception.Message}", exception);
        }
    }

    private string[] WeightFiles(string part)
    {
        string folder = Path.Combine(_path, part);
        string single = Path.Combine(folder, WeightsName);
        if (File.Exists(single))
            return [single];
        if (File.Exists(single + ShardsSuffix))
            return Shards(part, WeightsName + ShardsSuffix);
        // Variants, such as .fp16, whole or in shards, and files of other names.
        string[] indices = Visible(folder, AnyShards), others = Visible(folder, "*.safetensors");
        string[] shards = [.. indices.SelectMany(index => Shards(part, Path.GetFileName(index)))];
        string[] candidates = [.. others.Except(shards), .. indices];
        if (candidates.Length == 1)
            return indices.Length == 1 ? shards : candidates;
        bool hasPickle = Visible(folder, "*.bin").Concat(Visible(folder, "*.pt")).Any();
        throw new FileNotFoundException(
            $"'{folder}' has {(candidates.Length == 0 ? "no safetensors files" : $"several weights, {string.Join(", ", candidates.Select(Path.GetFileName))}")}, and none is {WeightsName}{(candidates.Length == 0 ? "" : ": rename the one that is wanted")}.{(hasPickle ? " It has pickled weights (.bin, .pt), which are not read, because they can run code: save the model again with save_pretrained(folder, safe_serialization=True)." : "")}",
            single);
    }

    // Without what systems put beside files, such as ._x.safetensors.
    private static string[] Visible(string folder, string pattern)
        => [.. Directory.EnumerateFiles(folder, pattern).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal)];

    /// <summary>The folders of parts that none of those given is, such as text encoders.</summary>
    /// <param name="read">The parts that are read.</param>
    public IReadOnlyList<string> OtherParts(IEnumerable<string> read)
        => [.. Directory.EnumerateDirectories(_path).Select(path => Path.GetFileName(path)!).Where(name => !name.StartsWith('.') && !read.Contains(name)).Order(StringComparer.Ordinal)];

    private string[] Shards(string part, string file)
    {
        using var document = Json(Path.Combine(part, file));
        if (!(document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("weight_map", out var map) && map.ValueKind == JsonValueKind.Object))
            throw new InvalidDataException($"'{file}' has no weight_map.");
        string[] names = [.. map.EnumerateObject().Select(weight => weight.Value.ValueKind == JsonValueKind.String ? weight.Value.GetString()! : "").Distinct()];
        foreach (string name in names)
            if (name.Length == 0 || name != Path.GetFileName(name) || name.Contains('\\') || name is "." or "..")
                throw new InvalidDataException($"'{file}' names '{name}', which is no file of its folder.");
        return [.. names.Select(name => Path.Combine(_path, part, name))];
    }

    private JsonDocument Json(string file)
    {
        string path = Path.Combine(_path, file);
        if (new FileInfo(path) is { Exists: true, Length: > LargestJson } large)
            throw new InvalidDataException($"'{file}' has {large.Length} bytes; no description of a model has as many.");
        try
        {
            return PythonJson.Parse(RegularFile.ReadAllBytes(path));
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{file}' is no JSON: {exception.Message}", exception);
        }
    }
}
