using System.Globalization;
using System.Text;

namespace Microsoft.ML.Diffusion;

/// <summary>Splits TorchScript code into words: of the language, what torch.jit.save writes, and no more.</summary>
internal sealed class ScriptLexer(ScriptSource source)
{
    private const string Symbols = "()[]{}.,:=-";

    private readonly List<ScriptToken> _tokens = [];
    private readonly Stack<int> _indents = new([0]);
    private readonly string _text = source.Text;
    private int _position;
    private int _line = 1;
    private int _depth;

    /// <summary>All words.</summary>
    /// <exception cref="ArgumentException">Something else is there; names file and line.</exception>
    public IReadOnlyList<ScriptToken> Read()
    {
        bool atStart = true;
        while (_position < _text.Length)
        {
            if (atStart && _depth == 0 && !ReadIndent())
                continue;
            atStart = false;
            char next = _text[_position];
            if (next == '\n')
            {
                if (_depth == 0)
                    Add(ScriptTokenKind.NewLine, "");
                atStart = _depth == 0;
                _position++;
                _line++;
            }
            else if (next == '#')
                SkipComment();
            else if (next is ' ' or '\t' or '\r')
                _position++;
            else
                ReadWord(next);
        }
        Add(ScriptTokenKind.NewLine, "");
        Indent(0);
        Add(ScriptTokenKind.End, "");
        return _tokens;
    }

    // False where the line is empty.
    private bool ReadIndent()
    {
        int start = _position;
        while (_position < _text.Length && _text[_position] == ' ')
            _position++;
        if (_position < _text.Length && _text[_position] == '#')
            SkipComment();
        if (_position < _text.Length && _text[_position] == '\r')
            _position++;
        if (_position == _text.Length)
            return false;
        if (_text[_position] == '\n')
        {
            _position++;
            _line++;
            return false;
        }
        Indent(_position - start);
        return true;
    }

    private void Indent(int width)
    {
        if (width > _indents.Peek())
        {
            _indents.Push(width);
            Add(ScriptTokenKind.Indent, "");
        }
        while (width < _indents.Peek())
        {
            _indents.Pop();
            Add(ScriptTokenKind.Dedent, "");
        }
        if (width != _indents.Peek())
            throw source.Refuse(_line, "the indentation fits no line above");
    }

    private void SkipComment()
    {
        while (_position < _text.Length && _text[_position] != '\n')
            _position++;
    }

    private void ReadWord(char first)
    {
        if (char.IsAsciiLetter(first) || first == '_')
            Add(ScriptTokenKind.Name, Take(c => char.IsAsciiLetterOrDigit(c) || c == '_'));
        else if (char.IsAsciiDigit(first))
            ReadNumber();
        else if (first is '"' or '\'')
            ReadText(first);
        else if (_text.AsSpan(_position).StartsWith("->"))
        {
            Add(ScriptTokenKind.Symbol, "->");
            _position += 2;
        }
        else if (Symbols.Contains(first, StringComparison.Ordinal))
        {
            _depth += "([{".Contains(first, StringComparison.Ordinal) ? 1 : ")]}".Contains(first, StringComparison.Ordinal) ? -1 : 0;
            Add(ScriptTokenKind.Symbol, first.ToString());
            _position++;
        }
        else
            throw source.Refuse(_line, $"the character {(char.IsControl(first) || first > 126 ? $"U+{(int)first:X4}" : $"'{first}'")} is none of those that torch.jit.save writes in code");
    }

    // The number is written anew, so that libtorch reads the one that was understood here.
    private void ReadNumber()
    {
        string text = Take(c => char.IsAsciiDigit(c) || c == '.');
        if (_position < _text.Length && _text[_position] is 'e' or 'E')
        {
            text += "e";
            _position++;
            if (_position < _text.Length && _text[_position] is '+' or '-')
                text += _text[_position++];
            text += Take(char.IsAsciiDigit);
        }
        if (_position < _text.Length && (char.IsAsciiLetterOrDigit(_text[_position]) || _text[_position] == '_'))
            throw source.Refuse(_line, $"'{text}{_text[_position]}' is no whole or real number");
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long whole))
            Add(ScriptTokenKind.Integer, whole.ToString(CultureInfo.InvariantCulture));
        else if (text.AsSpan().ContainsAny('.', 'e') && double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real))
            Add(ScriptTokenKind.Real, real.ToString("E16", CultureInfo.InvariantCulture));
        else
            throw source.Refuse(_line, $"'{text}' is no whole or real number of 64 bits");
    }

    private void ReadText(char quote)
    {
        var text = new StringBuilder();
        _position++;
        while (true)
        {
            if (_position >= _text.Length || _text[_position] == '\n')
                throw source.Refuse(_line, "a text does not end");
            char next = _text[_position++];
            if (next == quote)
                break;
            text.Append(next == '\\' ? ReadEscape() : next);
        }
        Add(ScriptTokenKind.Text, text.ToString());
    }

    private char ReadEscape()
    {
        char next = _position < _text.Length ? _text[_position++] : '\n';
        if (next is >= '0' and <= '3' && _position + 2 <= _text.Length && _text[_position] is >= '0' and <= '7' && _text[_position + 1] is >= '0' and <= '7')
        {
            _position += 2;
            return (char)(((next - '0') << 6) + ((_text[_position - 2] - '0') << 3) + _text[_position - 1] - '0');
        }
        return next switch
        {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '\\' or '\'' or '"' => next,
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'v' => '\v',
            _ => throw source.Refuse(_line, "a text holds an escape that torch.jit.save does not write"),
        };
    }

    private string Take(Func<char, bool> belongs)
    {
        int start = _position;
        while (_position < _text.Length && belongs(_text[_position]))
            _position++;
        return _text[start.._position];
    }

    private void Add(ScriptTokenKind kind, string text) => _tokens.Add(new ScriptToken(kind, text, _line));
}
