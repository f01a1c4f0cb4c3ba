using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The column of tokens.</summary>
internal sealed class TokenizeTextMap : RowMap
{
    private readonly TokenizeTextTransformer _transformer;
    private readonly TextTokenizer _tokenizer;
    private readonly DataViewSchema.Column _input;
    private readonly int _length;

    public TokenizeTextMap(TokenizeTextTransformer transformer, DataViewSchema.Column input)
    {
        (_transformer, _tokenizer, _length, _input) = (transformer, transformer.Tokenizer, transformer.Length, input);
        Outputs = [new DataViewSchema.DetachedColumn(transformer.OutputColumn, new VectorDataViewType(new KeyDataViewType(typeof(uint), _tokenizer.Vocabulary.Count), _length), transformer.KeyValues)];
    }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override IEnumerable<int> InputsOf(int output) => [_input.Index];

    public override Delegate MakeGetter(DataViewRow input, int output)
    {
        var getter = input.GetGetter<ReadOnlyMemory<char>>(_input);
        ReadOnlyMemory<char> text = default;
        Action<string> unknown = word => _transformer.Unknown.Meet(
            FormattableString.Invariant($"Row {input.Position}"), _input.Name, word, _transformer.Words.Value, "word", nameof(TokenizeTextEstimator.Options.UnknownWords));
        return (ValueGetter<VBuffer<uint>>)((ref VBuffer<uint> value) =>
        {
            getter(ref text);
            var tokens = _tokenizer.Tokenize(text.ToString(), unknown);
            var editor = VBufferEditor.Create(ref value, _length);
            editor.Values.Clear();
            for (int i = 0; i < Math.Min(tokens.Count, _length); i++)
                editor.Values[i] = (uint)tokens[i] + 1;
            value = editor.Commit();
        });
    }
}
