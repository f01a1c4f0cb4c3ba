namespace Microsoft.ML.Diffusion.Transforms;

public sealed partial class TokenizeTextEstimator
{
    /// <summary>How text becomes tokens.</summary>
    public sealed class Options
    {
        internal const int LongestLearned = 64;

        /// <summary>The number of places of the output: longer texts lose their end, shorter ones are filled up with missing tokens. 1 … 65,536. That of the longest text of the training data, at most 64, unless set.</summary>
        public int? Length { get; set; }

        /// <summary>What cuts texts into tokens: a <see cref="WordTokenizer"/>, <see cref="BytePairTokenizer"/> or <see cref="WordPieceTextTokenizer"/>. One of the words of the training data unless given.</summary>
        public TextTokenizer? Tokenizer { get; set; }

        /// <summary>Whether capital letters are taken for small ones, where words are learned. True unless set.</summary>
        public bool LowerCase { get; set; } = true;

        /// <summary>How often a word must occur to be learned; at least 1. 1 unless set.</summary>
        public int MinimumCount { get; set; } = 1;

        /// <summary>How many words are learned at most, the most frequent ones; at least 1, and 2 with an unknown token. 10,000 unless set.</summary>
        public int MaximumSize { get; set; } = 10_000;

        /// <summary>
        /// What becomes of words that the tokenizer does not know, where no token stands for them: an <see cref="UnknownValueException"/>, or they are left out, with a warning or without. Unless set:
        /// an error, and a warning where words of the training data itself were not learned, because of <see cref="MinimumCount"/> or <see cref="MaximumSize"/>.
        /// </summary>
        public UnknownValues? UnknownWords { get; set; }

        /// <summary>
        /// A token that stands for all words that are not learned; see <see cref="UnknownWords"/> where null, as unless set. It means something only where training has such words: with
        /// <see cref="MinimumCount"/> above 1 or more words than <see cref="MaximumSize"/>.
        /// </summary>
        public string? UnknownToken { get; set; }

        internal Options Copy() => (Options)MemberwiseClone();

        internal void Validate()
        {
            Check(Length is null or (>= 1 and <= TokenizeTextTransformer.MostPlaces), Length, nameof(Length), $"at least 1, and at most {TokenizeTextTransformer.MostPlaces}");
            Check(MinimumCount >= 1, MinimumCount, nameof(MinimumCount), "at least 1");
            int least = UnknownToken is null ? 1 : 2;
            Check(MaximumSize >= least, MaximumSize, nameof(MaximumSize), $"at least {least}");
            Check(UnknownWords is null || Enum.IsDefined(UnknownWords.Value), UnknownWords, nameof(UnknownWords), "Error, Warn or Ignore, or null");
            Check(UnknownToken is not "", UnknownToken, nameof(UnknownToken), "a token, or null for none");
        }

        private static void Check(bool valid, object? value, string name, string range)
        {
            if (!valid)
                throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be {range}.");
        }
    }
}
