using System.Text.Json;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The options in a config.json of Hugging Face diffusers. Each is read, or ignored knowingly: one that says something and was neither is refused, as it might change the arithmetic.
/// </summary>
internal sealed class DiffusersOptions
{
    // No width, size or number of anything in a model of today is larger.
    private const int MostOfAll = 65535;

    /// <summary>The most layers of one kind: networks are traced layer by layer before a weight is matched.</summary>
    public const int MostLayers = 256;

    /// <summary>The largest width of an attention head, and the most heads.</summary>
    public const int MostHeads = 4096;

    private readonly string _source;
    private readonly Dictionary<string, JsonElement> _options = [];
    private readonly HashSet<string> _known = [];

    /// <summary>Options.</summary>
    /// <param name="json">An object.</param>
    /// <param name="source">Where it comes from, for errors.</param>
    public DiffusersOptions(JsonElement json, string source)
    {
        _source = source;
        if (json.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"'{source}' is no JSON object of options.");
        foreach (var option in json.EnumerateObject())
            if (!_options.TryAdd(option.Name, option.Value))
                throw new InvalidDataException($"'{source}' has the option '{option.Name}' twice.");
    }

    /// <summary>The names of the options, as they come.</summary>
    public IEnumerable<string> Names => _options.Keys;

    public string ClassName => Text("_class_name", "");

    /// <summary>Whether an option is there and not null.</summary>
    public bool Has(string option)
    {
        _known.Add(option);
        return _options.TryGetValue(option, out var value) && value.ValueKind != JsonValueKind.Null;
    }

    /// <summary>Whether an option is null, which may mean something else than its absence.</summary>
    public bool IsNull(string option)
    {
        _known.Add(option);
        return _options.TryGetValue(option, out var value) && value.ValueKind == JsonValueKind.Null;
    }

    public bool IsList(string option) => Has(option) && _options[option].ValueKind == JsonValueKind.Array;

    /// <summary>A whole number from 0 on.</summary>
    /// <param name="option">The option.</param>
    /// <param name="missing">Its value where it is not there.</param>
    /// <param name="most">The largest that a model has; what claims more is refused before anything is made of it.</param>
    /// <exception cref="NotSupportedException">Another one; names the option, its value and what is accepted.</exception>
    public int Whole(string option, int missing, int most = MostOfAll) => Read(option, missing, value => Within(option, value, most));

    public int? WholeOrNull(string option) => Has(option) ? Whole(option, 0) : null;

    /// <summary>A number; Python writes infinities as words.</summary>
    public double Number(string option, double missing) => Read(option, missing, value => value.ValueKind == JsonValueKind.String ? PythonJson.Number(value.GetString()!) : value.GetDouble());

    public bool Flag(string option, bool missing) => Read(option, missing, value => value.GetBoolean());

    public string Text(string option, string missing) => Read(option, missing, value => value.GetString()!);

    /// <summary>A list, or a value alone as a list of one.</summary>
    public IReadOnlyList<int> Wholes(string option, params int[] missing)
        => Wholes(option, MostOfAll, missing);

    /// <summary>The same of numbers that are at most as large as given.</summary>
    public IReadOnlyList<int> Wholes(string option, int most, IReadOnlyList<int> missing)
        => IsList(option) ? Read(option, [.. missing], value => value.EnumerateArray().Select(item => Within(option, item, most)).ToArray()) : Has(option) ? [Whole(option, 0, most)] : missing;

    /// <summary>A list, or a value alone as a list of one.</summary>
    public IReadOnlyList<bool> Flags(string option, bool missing)
        => IsList(option) ? Read(option, [], value => value.EnumerateArray().Select(item => item.GetBoolean()).ToArray()) : [Flag(option, missing)];

    public IReadOnlyList<double> Numbers(string option) => Read<double[]>(option, [], value => [.. value.EnumerateArray().Select(item => item.GetDouble())]);

    public IReadOnlyList<string> Texts(string option, params string[] missing) => Read(option, missing, value => value.EnumerateArray().Select(item => item.GetString()!).ToArray());

    /// <summary>A word out of those that have a meaning here.</summary>
    /// <exception cref="NotSupportedException">Another one; names the option, the word and what is known.</exception>
    public TValue Choice<TValue>(string option, string missing, params IReadOnlyList<(string Word, TValue Meaning)> known)
    {
        string word = Text(option, missing);
        return Meaning(option, word, known);
    }

    /// <summary>The meaning of a word of an option.</summary>
    /// <exception cref="NotSupportedException">It has none; names the option, the word and what is known.</exception>
    public TValue Meaning<TValue>(string option, string word, params IReadOnlyList<(string Word, TValue Meaning)> known)
    {
        foreach (var (candidate, meaning) in known)
            if (candidate == word)
                return meaning;
        throw new NotSupportedException($"'{_source}': {option} '{word}' is not supported; known are {string.Join(", ", known.Select(each => $"'{each.Word}'"))}.");
    }

    /// <summary>Knows options that change no number.</summary>
    public void Ignore(params IEnumerable<string> options) => _known.UnionWith(options);

    /// <summary>What is made of the options, which are refused where they do not fit each other.</summary>
    /// <exception cref="NotSupportedException">They do not; says why.</exception>
    public TResult Of<TResult>(Func<TResult> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException exception)
        {
            throw new NotSupportedException($"'{_source}': {exception.Message}", exception);
        }
    }

    /// <summary>Refuses a combination of options.</summary>
    public NotSupportedException Refuse(string what) => new($"'{_source}': {what}.");

    /// <summary>Refuses whatever was neither read nor ignored.</summary>
    /// <exception cref="NotSupportedException">An option that is not null, false or empty; names it.</exception>
    public void Finish()
    {
        foreach (var (name, value) in _options)
            if (!_known.Contains(name) && !name.StartsWith('_') && !SaysNothing(value))
                throw Refuse($"the option {name} is not supported; it is {value.GetRawText()}");
    }

    private static bool SaysNothing(JsonElement value) => value.ValueKind is JsonValueKind.Null or JsonValueKind.False || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);

    private int Within(string option, JsonElement value, int most)
    {
        double number = value.GetDouble();
        if (number != Math.Floor(number))
            throw new FormatException($"{number} is no whole number");
        return number >= 0 && number <= most ? (int)number : throw Refuse($"{option} must be in 0 … {most}, got {value.GetRawText()}");
    }

    private TResult Read<TResult>(string option, TResult missing, Func<JsonElement, TResult> read)
    {
        if (!Has(option))
            return missing;
        try
        {
            return read(_options[option]);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"'{_source}': {option} is {_options[option].GetRawText()}, which is of the wrong type.", exception);
        }
    }
}
