using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// Adds the tokens of a text: a vector of keys, whose annotation names the tokens. Texts that are longer lose their end, shorter ones are filled up with missing keys; the keys of an empty text are
/// all missing, which conditions nothing.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class TokenizeTextTransformer : RowTransformer
{
    /// <summary>The largest number of places: each row has as many, however short its text.</summary>
    internal const int MostPlaces = 1 << 16;

    private const string ConfigStream = "Config.json";

    internal TokenizeTextTransformer(IHostEnvironment environment, string outputColumn, string inputColumn, TextTokenizer tokenizer, int length)
        : base(environment, nameof(TokenizeTextTransformer))
    {
        if (length is < 1 or > MostPlaces)
            throw new ArgumentOutOfRangeException(nameof(length), length, $"The number of places must be in 1 … {MostPlaces}.");
        (OutputColumn, InputColumn, Tokenizer, Length) = (outputColumn, inputColumn, tokenizer, length);
    }

    /// <summary>The column of tokens.</summary>
    public string OutputColumn { get; }

    /// <summary>The column of text.</summary>
    public string InputColumn { get; }

    /// <summary>What cuts texts into tokens.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>The number of places of the output.</summary>
    public int Length { get; }

    internal static TokenizeTextTransformer Load(IHostEnvironment environment, ModelReader reader)
    {
        var config = reader.Json<Config>(ConfigStream);
        return new TokenizeTextTransformer(environment, config.OutputColumn, config.InputColumn, config.Tokenizer, config.Length);
    }

    private protected override void SaveModel(ModelSaveContext context)
        => new ModelWriter(context, ModelKind.TokenizeText).Json(ConfigStream, new Config(OutputColumn, InputColumn, Tokenizer, Length)).Finish();

    private protected override RowMap Bind(DataViewSchema inputSchema) => new TokenizeTextMap(this, TextColumn.Check(inputSchema, InputColumn));

    private sealed record Config(string OutputColumn, string InputColumn, TextTokenizer Tokenizer, int Length);
}
