using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Adds the tokens of a text: a vector of keys, whose annotation names the tokens. Texts that are longer lose their end, shorter ones are filled up with missing keys; the keys of an empty text are
/// all missing, which conditions nothing. What becomes of words that the tokenizer does not know is <see cref="UnknownWords"/>.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class TokenizeTextTransformer : RowTransformer
{
    /// <summary>The largest number of places: each row has as many, however short its text.</summary>
    internal const int MostPlaces = 1 << 16;

    private const string ConfigStream = "Config.json";

    private readonly Config _config;
    private readonly Lazy<DataViewSchema.Annotations> _keyValues;

    internal TokenizeTextTransformer(IHostEnvironment environment, Config config)
        : base(environment, nameof(TokenizeTextTransformer))
    {
        if (config.Length is < 1 or > MostPlaces)
            throw new ArgumentOutOfRangeException(nameof(config), config.Length, $"The number of places must be in 1 … {MostPlaces}.");
        _config = config;
        Words = new(() => new Vocabulary(config.Tokenizer.Vocabulary));
        // The same for all schemas: a long vocabulary is read once.
        _keyValues = new(() =>
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            Words.Value.AddKeyValues(annotations);
            return annotations.ToAnnotations();
        });
        Unknown = new UnknownValueRule(config.UnknownWords, message => Log.Warning(Host, message));
    }

    /// <summary>The column of tokens.</summary>
    public string OutputColumn => _config.OutputColumn;

    /// <summary>The column of text.</summary>
    public string InputColumn => _config.InputColumn;

    /// <summary>What cuts texts into tokens.</summary>
    public TextTokenizer Tokenizer => _config.Tokenizer;

    /// <summary>The number of places of the output.</summary>
    public int Length => _config.Length;

    /// <summary>What becomes of words that the tokenizer does not know.</summary>
    public UnknownValues UnknownWords => _config.UnknownWords;

    /// <summary>The tokens, as the values of keys.</summary>
    internal Lazy<Vocabulary> Words { get; }

    /// <summary>Does with unknown words what the user chose.</summary>
    internal UnknownValueRule Unknown { get; }

    /// <summary>The annotations of the column of tokens.</summary>
    internal DataViewSchema.Annotations KeyValues => _keyValues.Value;

    internal static TokenizeTextTransformer Load(IHostEnvironment environment, ModelReader reader)
        => new(environment, reader.Json<Config>(ConfigStream));

    private protected override void SaveModel(ModelSaveContext context)
        => new ModelWriter(context, ModelKind.TokenizeText).Json(ConfigStream, _config).Finish();

    private protected override RowMap Bind(DataViewSchema inputSchema) => new TokenizeTextMap(this, TextColumn.Check(inputSchema, InputColumn));

    internal sealed record Config(string OutputColumn, string InputColumn, TextTokenizer Tokenizer, int Length, UnknownValues UnknownWords = UnknownValues.Error);
}
