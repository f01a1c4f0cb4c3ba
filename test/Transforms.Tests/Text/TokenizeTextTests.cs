using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class TokenizeTextTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void Estimator_FulfilsWhatMlNetAsks()
    {
        var numbers = _ml.Data.LoadFromEnumerable(new[] { new { Caption = 1f } });
        EstimatorChecks.Run(_ml, Estimator(), Load("a red circle", "", "A blue square!"), numbers);
        EstimatorChecks.Run(_ml, Estimator(new() { Tokenizer = WordPieces(), Length = 3 }), Load("a reddish circle"), numbers);
        EstimatorChecks.Run(_ml, Estimator(new() { Tokenizer = BytePairs(), Length = 3 }), Load("ab abc"), numbers);
    }

    [TestMethod]
    public void Fit_Words_TheMostFrequentFirstWhateverTheOrderOfRows()
    {
        string[] texts = ["A red circle", "a blue circle, red", "a red dot"];
        foreach (var order in new[] { texts, [.. texts.Reverse()] })
        {
            var transformer = Fit(Load(order), new() { UnknownWords = UnknownValues.Ignore });
            Assert.AreSequenceEqual(new[] { "a", "red", "circle", ",", "blue", "dot" }, transformer.Tokenizer.Vocabulary);
            Assert.AreEqual(5, transformer.Length, "the longest text");
            var view = transformer.Transform(Load("red dot", "", "a CIRCLE of red, a, b, c"));
            uint[][] tokens = [.. view.GetColumn<uint[]>("Tokens")];
            Assert.AreSequenceEqual(new uint[] { 2, 6, 0, 0, 0 }, tokens[0]);
            Assert.AreSequenceEqual(new uint[5], tokens[1], "an empty text");
            // "of", "b" and "c" are unknown and left out; what is too long is cut.
            Assert.AreSequenceEqual(new uint[] { 1, 3, 2, 4, 1 }, tokens[2]);
            var column = view.Schema["Tokens"];
            Assert.AreEqual("Vector<Key<UInt32, 0-5>, 5>", $"{column.Type}");
            VBuffer<ReadOnlyMemory<char>> names = default;
            column.GetKeyValues(ref names);
            Assert.AreEqual("dot", $"{names.GetItemOrDefault(5)}");
        }
    }

    [TestMethod]
    public void Fit_Options_LimitTheWordsAndNameTheUnknown()
    {
        string[] texts = ["a a a b b c", "A d"];
        var transformer = Fit(Load(texts), new() { MinimumCount = 2, UnknownToken = "?", Length = 7 });
        Assert.AreSequenceEqual(new[] { "a", "b", "?" }, transformer.Tokenizer.Vocabulary);
        Assert.AreSequenceEqual(new uint[] { 1, 1, 1, 2, 2, 3, 0 }, transformer.Transform(Load(texts)).GetColumn<uint[]>("Tokens").First());
        Assert.AreSequenceEqual(new[] { "a", "?" }, Fit(Load(texts), new() { MaximumSize = 2, UnknownToken = "?" }).Tokenizer.Vocabulary);
        Assert.AreSequenceEqual(new[] { "a", "b", "A", "c", "d" }, Fit(Load(texts), new() { LowerCase = false }).Tokenizer.Vocabulary);
        Assert.AreEqual(64, Fit(Load(string.Join(' ', Enumerable.Repeat("word", 100)))).Length);
    }

    [TestMethod]
    public void WordPieces_CutWordsIntoPieces()
    {
        // [PAD] [UNK] red ##dish circle , — as BERT has it: the longest piece first.
        Assert.AreSequenceEqual(new[] { 1, 2, 3, 5, 2, 4 }, WordPieces().Tokenize("A Reddish, red circle"));
        Assert.IsEmpty(WordPieces().Tokenize(""));
        Assert.AreSequenceEqual(new[] { 0 }, new WordPieceTextTokenizer("[UNK]\nred"u8.ToArray()) { LowerCase = false }.Tokenize("Red"));
        // Whatever ends the lines.
        Assert.AreSequenceEqual(new[] { 1, 2 }, new WordPieceTextTokenizer("[UNK]\r\nred\r\n##dish\r\n"u8.ToArray()).Tokenize("reddish"));
    }

    [TestMethod]
    public void BytePairs_MergeInOrder()
    {
        Assert.AreSequenceEqual(new[] { 3, 6, 2 }, BytePairs().Tokenize("ab abc"), "Ġ is the space before a word");
        var characters = new BytePairTokenizer(BytePairs().VocabularyFile, "a b"u8.ToArray()) { ByteLevel = false, UnknownToken = "?", LowerCase = true };
        Assert.AreSequenceEqual(new[] { 3, 3, 2, 4, 2 }, characters.Tokenize("ab aBc x c"));
        var ended = new BytePairTokenizer("{\"a\": 0, \"b</w>\": 1, \"ab</w>\": 2, \"b\": 3}"u8.ToArray(), "a b</w>"u8.ToArray()) { ByteLevel = false, EndOfWordSuffix = "</w>" };
        Assert.AreSequenceEqual(new[] { 2, 2 }, ended.Tokenize("ab ab"));
    }

    [TestMethod]
    public void Transform_UnknownWords_AreAnErrorByDefault()
    {
        var e = Assert.ThrowsExactly<UnknownValueException>(() => Tokens(Fit(Load("a red circle")), "a blue circle"));
        Assert.AreEqual("blue", e.Value);
        Assert.StartsWith("Row 0, column 'Caption': the word 'blue' is none of the 3 that the model was trained with: 'a', 'circle', 'red'. The option UnknownWords", e.Message);
        Assert.AreSequenceEqual(new uint[] { 1, 2, 0 }, Tokens(Fit(Load("a red circle"), new() { UnknownWords = UnknownValues.Ignore }), "a blue circle"));
        // Where training itself leaves words out, so does what follows, with a warning.
        var warnings = new List<string>();
        _ml.Log += (_, log) =>
        {
            if (log.Kind == Runtime.ChannelMessageKind.Warning)
                warnings.Add(log.Message);
        };
        var rare = Fit(Load("a a b"), new() { MinimumCount = 2, Length = 2 });
        Assert.AreEqual(UnknownValues.Warn, rare.UnknownWords);
        Assert.AreSequenceEqual(new uint[] { 1, 0 }, Tokens(rare, "b a b"));
        Assert.Contains("the word 'b'", warnings.Single());
        Assert.AreEqual(UnknownValues.Error, Fit(Load("a a b"), new() { MinimumCount = 2, Length = 2, UnknownWords = UnknownValues.Error }).UnknownWords);
        Assert.AreEqual("UnknownWords", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Estimator(new() { UnknownWords = (UnknownValues)9 })).ParamName);
        // Tokens of characters, where no token stands for the rest; bytes are all known.
        var characters = new BytePairTokenizer(BytePairs().VocabularyFile, "a b"u8.ToArray()) { ByteLevel = false };
        var unknown = new List<string>();
        Assert.AreSequenceEqual(new[] { 3, 2 }, characters.Tokenize("ab x c😀", unknown.Add));
        Assert.AreEqual("x😀", string.Concat(unknown));

        uint[] Tokens(TokenizeTextTransformer transformer, string text) => transformer.Transform(Load(text)).GetColumn<uint[]>("Tokens").Single();
    }

    [TestMethod]
    public void Tokenizers_BadFiles_RefusedByName()
    {
        Refused("no JSON object", () => Pairs("[1]", "a b"));
        Refused("vocabulary is empty", () => Pairs("{}", ""));
        Refused("'b' the number 0", () => Pairs("{\"a\": 0, \"b\": 0}", ""));
        Refused("'a' the number -1", () => Pairs("{\"a\": -1}", ""));
        Refused("'z' which not exist", () => Pairs("{\"a\": 0}", "a z"));
        Refused("do not fit", () => Pairs("{\"a\": 0}", "a"));
        Refused("no token '?'", () => _ = new BytePairTokenizer("{\"a\": 0}"u8.ToArray(), default) { UnknownToken = "?" });
        Refused("no token '[UNK]'", () => Pieces("red"));
        Refused("'red' twice", () => Pieces("[UNK]\nred\nred"));
        Refused("empty line", () => Pieces("[UNK]\n\nred"));
        Refused("no text in UTF-8", () => _ = new WordPieceTextTokenizer(new byte[] { 0xC3, 0x28 }));
        Refused("'a' is there twice", () => _ = new WordTokenizer(["a", "a"]));
        Refused("'?' is none of the words", () => _ = new WordTokenizer(["a"], unknownToken: "?"));
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "red");
            Refused(path, () => WordPieceTextTokenizer.FromFile(path));
            Refused(path, () => BytePairTokenizer.FromFiles(path, path));
            Assert.ThrowsExactly<FileNotFoundException>(() => WordPieceTextTokenizer.FromFile(path + ".none"));
        }
        finally
        {
            File.Delete(path);
        }

        static void Pairs(string vocabulary, string merges) => _ = new BytePairTokenizer(System.Text.Encoding.UTF8.GetBytes(vocabulary), System.Text.Encoding.UTF8.GetBytes(merges));
        static void Pieces(string vocabulary) => _ = new WordPieceTextTokenizer(System.Text.Encoding.UTF8.GetBytes(vocabulary));
        static void Refused(string message, Action action) => Assert.Contains(message, Assert.Throws<ArgumentException>(action).Message);
    }

    [TestMethod]
    public void Fit_NothingToLearnOrBadOptions_Refused()
    {
        Assert.Contains("Column 'Caption' has no word", Assert.ThrowsExactly<InvalidOperationException>(() => Fit(Load("", " "))).Message);
        Assert.Contains("occurs 2 times", Assert.ThrowsExactly<InvalidOperationException>(() => Fit(Load("a b"), new() { MinimumCount = 2 })).Message);
        foreach (var (name, options) in new (string, TokenizeTextEstimator.Options)[]
            {
                ("Length", new() { Length = 0 }), ("MinimumCount", new() { MinimumCount = 0 }), ("MaximumSize", new() { MaximumSize = 0 }),
                ("MaximumSize", new() { MaximumSize = 1, UnknownToken = "?" }), ("UnknownToken", new() { UnknownToken = "" }),
            })
            Assert.AreEqual(name, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Estimator(options)).ParamName);
    }

    [TestMethod]
    public void PredictionEngine_OneText_AsTransform()
    {
        var data = Load("a red circle", "a blue square");
        var engine = _ml.Model.CreatePredictionEngine<Text, Prediction>(EstimatorChecks.Reload(_ml, Fit(data), data.Schema));
        Assert.AreSequenceEqual(new uint[] { 1, 2, 0 }, engine.Predict(new Text { Caption = "a blue" }).Tokens);
        Assert.AreSequenceEqual(new uint[3], engine.Predict(new Text()).Tokens);
    }

    private TokenizeTextEstimator Estimator(TokenizeTextEstimator.Options? options = null) => _ml.Diffusion().Transforms.TokenizeText("Tokens", "Caption", options);

    private TokenizeTextTransformer Fit(IDataView data, TokenizeTextEstimator.Options? options = null) => Estimator(options).Fit(data);

    private IDataView Load(params string[] texts) => _ml.Data.LoadFromEnumerable(texts.Select(text => new Text { Caption = text }));

    private static WordPieceTextTokenizer WordPieces() => new("[PAD]\n[UNK]\nred\n##dish\ncircle\n,\n"u8.ToArray());

    private static BytePairTokenizer BytePairs()
        => new("{\"a\": 0, \"b\": 1, \"c\": 2, \"ab\": 3, \"?\": 4, \"Ġ\": 5, \"Ġab\": 6}"u8.ToArray(), "#version: 0.2\na b\nĠ ab\n"u8.ToArray());

    private sealed class Text
    {
        public string Caption { get; set; } = "";
    }

    private sealed class Prediction
    {
        public uint[] Tokens { get; set; } = [];
    }
}
