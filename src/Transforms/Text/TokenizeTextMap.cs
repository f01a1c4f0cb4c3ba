using Microsoft.ML.Data;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>The column of tokens.</summary>
internal sealed class TokenizeTextMap : RowMap
{
    private readonly TextTokenizer _tokenizer;
    private readonly DataViewSchema.Column _input;
    private readonly int _length;

    public TokenizeTextMap(TokenizeTextTransformer transformer, DataViewSchema.Column input)
    {
        (_tokenizer, _length, _input) = (transformer.Tokenizer, transformer.Length, input);
        var vocabulary = _tokenizer.Vocabulary;
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddKeyValues<ReadOnlyMemory<char>>(vocabulary.Count, TextDataViewType.Instance, (ref VBuffer<ReadOnlyMemory<char>> names) =>
        {
            var editor = VBufferEditor.Create(ref names, vocabulary.Count);
            for (int i = 0; i < vocabulary.Count; i++)
                editor.Values[i] = vocabulary[i].AsMemory();
            names = editor.Commit();
        });
        Outputs = [new DataViewSchema.DetachedColumn(transformer.OutputColumn, new VectorDataViewType(new KeyDataViewType(typeof(uint), vocabulary.Count), _length), annotations.ToAnnotations())];
    }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    public override IEnumerable<int> InputsOf(int output) => [_input.Index];

    public override Delegate MakeGetter(DataViewRow input, int output)
    {
        var getter = input.GetGetter<ReadOnlyMemory<char>>(_input);
        ReadOnlyMemory<char> text = default;
        return (ValueGetter<VBuffer<uint>>)((ref VBuffer<uint> value) =>
        {
            getter(ref text);
            var tokens = _tokenizer.Tokenize(text.ToString());
            var editor = VBufferEditor.Create(ref value, _length);
            editor.Values.Clear();
            for (int i = 0; i < Math.Min(tokens.Count, _length); i++)
                editor.Values[i] = (uint)tokens[i] + 1;
            value = editor.Commit();
        });
    }
}
