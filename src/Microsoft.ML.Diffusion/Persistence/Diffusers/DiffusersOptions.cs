using System.Text.Json;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The options in a config.json of Hugging Face diffusers. Each is read, or ignored knowingly: one that says something and was neither is refused, as it might change the arithmetic.
/// </summary>
internal sealed class DiffusersOptions
{
    // No width, size or number of anything in a model of today is larger.
    private const int MostOfAll = 65535;

    private const int LongestQuote = 100;

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

    /// <summary>A whole number.</summary>
    /// <param name="option">The option.</param>
    /// <param name="missing">Its value where it is not there.</param>
    /// <param name="most">The largest that a model has; what claims more is refused before anything is made of it.</param>
    /// <param name="least">The smallest.</param>
    /// <exception cref="NotSupportedException">Another one; names the option, its value and what is accepted.</exception>
    public int Whole(string option, int missing, int most = MostOfAll, int least = 0)
        => Read(option, missing, WholeWithin(least, most), value => Within(option, value, least, most));

    public int? WholeOrNull(string option) => Has(option) ? Whole(option, 0) : null;

    /// <summary>A number; Python writes infinities as words.</summary>
    /// <param name="option">The option.</param>
    /// <param name="missing">Its value where it is not there.</param>
    /// <param name="wanted">What is accepted, in words.</param>
    /// <param name="isWanted">Whether a number is accepted; every finite one where null.</param>
    /// <exception cref="NotSupportedException">Another one; names the option, its value and what is accepted.</exception>
    public double Number(string option, double missing, string wanted = "a finite number", Predicate<double>? isWanted = null)
        => Read(option, missing, wanted, value => NumberOf(value) is var number && (isWanted ?? double.IsFinite)(number) ? number : throw Refuse(option, wanted, value));

    /// <summary>A number above 0.</summary>
    /// <exception cref="NotSupportedException">Another one; names the option, its value and what is accepted.</exception>
    public double Positive(string option, double missing) => Number(option, missing, "a finite number above 0", number => number > 0 && double.IsFinite(number));

    /// <summary>A number in [0, 1].</summary>
    /// <exception cref="NotSupportedException">Another one; names the option, its value and what is accepted.</exception>
    public double Fraction(string option, double missing) => Number(option, missing, "a number in [0, 1]", number => number is >= 0 and <= 1);

    public bool Flag(string option, bool missing) => Read(option, missing, "true or false", value => value.GetBoolean());

    public string Text(string option, string missing) => Read(option, missing, "a text", value => value.GetString()!);

    /// <summary>A list of positive numbers, or a number alone as a list of one.</summary>
    public IReadOnlyList<int> Wholes(string option, params int[] missing) => Wholes(option, MostOfAll, missing);

    /// <summary>The same of numbers that are at most as large as given.</summary>
    public IReadOnlyList<int> Wholes(string option, int most, IReadOnlyList<int> missing)
    {
        if (!IsList(option))
            return Has(option) ? [Whole(option, 1, most, least: 1)] : missing;
        string wanted = $"{WholeWithin(1, most)}, or a list of such";
        return Read(option, [], wanted, value => Filled(option, wanted, value).Select(item => Within(option, item, 1, most)).ToArray());
    }

    /// <summary>A list of numbers from 0 on, such as steps, which may be empty.</summary>
    public IReadOnlyList<int> Places(string option)
        => Read<int[]>(option, [], "a list of whole numbers", value => [.. value.EnumerateArray().Select(item => Within(option, item, 0, MostOfAll))]);

    /// <summary>A list, or a value alone as a list of one.</summary>
    public IReadOnlyList<bool> Flags(string option, bool missing)
    {
        const string wanted = "true or false, or a list of such";
        return IsList(option) ? Read(option, [], wanted, value => Filled(option, wanted, value).Select(item => item.GetBoolean()).ToArray()) : [Flag(option, missing)];
    }

    public IReadOnlyList<double> Numbers(string option) => Read<double[]>(option, [], "a list of finite numbers",
        value => [.. value.EnumerateArray().Select(item => double.IsFinite(item.GetDouble()) ? item.GetDouble() : throw new FormatException())]);

    public IReadOnlyList<string> Texts(string option, params string[] missing)
    {
        const string wanted = "a list of texts";
        return Read(option, missing, wanted, value => Filled(option, wanted, value).Select(item => item.GetString() ?? throw new FormatException()).ToArray());
    }

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
            throw new NotSupportedException($"'{_source}': {Reason(exception)}.", exception);
        }
    }

    /// <summary>What an exception says, without what it says to programmers alone.</summary>
    public static string Reason(ArgumentException exception)
    {
        string text = exception.Message.Split(Environment.NewLine)[0];
        string suffix = $" (Parameter '{exception.ParamName}')";
        if (text.EndsWith(suffix, StringComparison.Ordinal))
            text = text[..^suffix.Length];
        text = text.TrimEnd('.');
        return exception is ArgumentOutOfRangeException { ActualValue: IFormattable value } && !text.Contains("got", StringComparison.Ordinal)
            ? FormattableString.Invariant($"{text}, got {value}")
            : text;
    }

    /// <summary>Refuses a combination of options.</summary>
    public NotSupportedException Refuse(string what) => new($"'{_source}': {what}.");

    /// <summary>Refuses whatever was neither read nor ignored.</summary>
    /// <exception cref="NotSupportedException">An option that is not null, false or empty; names it.</exception>
    public void Finish()
    {
        foreach (var (name, value) in _options)
            if (!_known.Contains(name) && !name.StartsWith('_') && !SaysNothing(value))
                throw Refuse($"the option {name} is not supported; it is {Raw(value)}");
    }

    private static bool SaysNothing(JsonElement value) => value.ValueKind is JsonValueKind.Null or JsonValueKind.False || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);

    private JsonElement.ArrayEnumerator Filled(string option, string wanted, JsonElement list) => list.GetArrayLength() > 0 ? list.EnumerateArray() : throw Refuse(option, wanted, list);

    private static string WholeWithin(int least, int most) => $"a whole number in {least} … {most}";

    private int Within(string option, JsonElement value, int least, int most)
    {
        double number = value.GetDouble();
        if (number != Math.Floor(number))
            throw new FormatException();
        return number >= least && number <= most ? (int)number : throw Refuse(option, WholeWithin(least, most), value);
    }

    private static double NumberOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? PythonJson.Number(value.GetString()!) : value.GetDouble();

    private NotSupportedException Refuse(string option, string wanted, JsonElement value) => Refuse($"{option} must be {wanted}, got {Raw(value)}");

    private static string Raw(JsonElement value) => value.GetRawText() is var text && text.Length > LongestQuote ? $"{text[..LongestQuote]}…" : text;

    private TResult Read<TResult>(string option, TResult missing, string wanted, Func<JsonElement, TResult> read)
    {
        if (!Has(option))
            return missing;
        try
        {
            return read(_options[option]);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"'{_source}': {option} must be {wanted}, got {Raw(_options[option])}.", exception);
        }
    }
}
