using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Turns a column of text into tokens: a known-size vector of keys, a condition of denoisers and encoders. Learns the words of the column, unless a tokenizer is given.</summary>
/// <remarks>Thread safe.</remarks>
public sealed partial class TokenizeTextEstimator : IEstimator<TokenizeTextTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _outputColumn;
    private readonly string _inputColumn;
    private readonly Options _options;

    internal TokenizeTextEstimator(IHostEnvironment environment, string outputColumn, string inputColumn, Options? options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentException.ThrowIfNullOrEmpty(outputColumn);
        ArgumentException.ThrowIfNullOrEmpty(inputColumn);
        _environment = environment;
        (_outputColumn, _inputColumn) = (outputColumn, inputColumn);
        _options = (options ?? new Options()).Copy();
        _options.Validate();
    }

    /// <summary>Learns the words, and how long texts are.</summary>
    /// <param name="input">The texts; read once for each of the two, and not at all where the options say both.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or no text.</exception>
    /// <exception cref="InvalidOperationException">The texts have no word that counts.</exception>
    public TokenizeTextTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var column = TextColumn.Check(input.Schema, _inputColumn);
        var (tokenizer, leavesOut) = _options.Tokenizer is { } given ? (given, false) : Learn(input, column);
        var unknown = _options.UnknownWords ?? (leavesOut ? UnknownValues.Warn : UnknownValues.Error);
        return new TokenizeTextTransformer(_environment, new(_outputColumn, _inputColumn, tokenizer, _options.Length ?? Longest(input, column, tokenizer), unknown));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or no text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        TextColumn.Check(inputSchema, _inputColumn);
        return Shapes.With(inputSchema, Shapes.KeyVector(_outputColumn, Shapes.Vector(AnnotationUtils.Kinds.KeyValues, TextDataViewType.Instance)));
    }

    private (TextTokenizer Tokenizer, bool LeavesOut) Learn(IDataView input, DataViewSchema.Column column)
    {
        var vocabulary = new WordVocabulary(_options);
        foreach (string text in TextColumn.Read(input, column))
            vocabulary.Add(text);
        return vocabulary.ToTokenizer() is { } tokenizer
            ? (tokenizer, vocabulary.LeavesOut)
            : throw new InvalidOperationException($"Column '{_inputColumn}' has no word that occurs {(_options.MinimumCount == 1 ? "at all" : $"{_options.MinimumCount} times")}, so there is nothing to learn.");
    }

    private int Longest(IDataView input, DataViewSchema.Column column, TextTokenizer tokenizer)
    {
        int[] lengths = [.. TextColumn.Read(input, column).Select(text => tokenizer.Tokenize(text).Count)];
        int longest = lengths.DefaultIfEmpty().Max();
        if (longest <= Options.LongestLearned)
            return Math.Max(1, longest);
        Log.Warning(_environment.Register(nameof(TokenizeTextEstimator)), $"Column '{_inputColumn}': {lengths.Count(length => length > Options.LongestLearned)} of {lengths.Length} texts have more than {Options.LongestLearned} tokens, the longest {longest}; the rest of them is left out. Set the option {nameof(Options.Length)} to keep more.");
        return Options.LongestLearned;
    }
}
