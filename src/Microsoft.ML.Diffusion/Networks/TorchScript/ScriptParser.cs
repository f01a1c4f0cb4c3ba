namespace Microsoft.ML.Diffusion;

/// <summary>Reads a file of TorchScript code into what it declares: the language that torch.jit.save writes, without its parts that are no computation.</summary>
internal sealed partial class ScriptParser
{
    // Deeper than code of networks, and shallow enough for the recursion of libtorch's parser.
    private const int Deepest = 100;

    private static readonly HashSet<string> Reserved =
    [
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
        "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    ];

    private readonly ScriptSource _source;
    private readonly IReadOnlyList<ScriptToken> _tokens;
    private int _position;
    private int _depth;

    private ScriptParser(ScriptSource source)
    {
        _source = source;
        _tokens = new ScriptLexer(source).Read();
    }

    private ScriptToken Next => _tokens[_position];

    /// <summary>Reads a file.</summary>
    /// <exception cref="ArgumentException">It is not such code; names file and line.</exception>
    public static ScriptFile Read(ScriptSource source) => new ScriptParser(source).ReadFile();

    private ScriptFile ReadFile()
    {
        var classes = new List<ScriptClass>();
        var functions = new List<ScriptFunction>();
        while (Next.Kind != ScriptTokenKind.End)
        {
            if (Next.Kind == ScriptTokenKind.NewLine)
                _position++;
            else if (Is("class"))
                classes.Add(ReadClass());
            else if (Is("def"))
                functions.Add(ReadFunction());
            else if (Is("import") || Is("op_version_set"))
                SkipLine();
            else
                throw Unexpected("a class or a function");
        }
        return new ScriptFile(_source, classes, functions);
    }

    // Files before PyTorch 1.4 have lines that say what is known otherwise.
    private void SkipLine()
    {
        while (Next.Kind is not (ScriptTokenKind.NewLine or ScriptTokenKind.End))
            _position++;
    }

    private ScriptClass ReadClass()
    {
        int line = Take().Line;
        string name = ReadName();
        string kind = Accept("(") ? ReadName() : "";
        if (kind != "Module")
            throw _source.Refuse(line, $"class {name} is {(kind.Length == 0 ? "no Module" : $"a {kind}")}; a network is made of classes that are a Module, of functions and of tensors");
        Expect(")");
        var (parameters, buffers) = (new List<string>(), new List<string>());
        var attributes = new List<ScriptAttribute>();
        var methods = new List<ScriptFunction>();
        Block(() =>
        {
            if (Is("def"))
                methods.Add(ReadFunction());
            else
                ReadAttribute(parameters, buffers, attributes);
        });
        return new ScriptClass(line, name, parameters, buffers, attributes, methods);
    }

    private void ReadAttribute(List<string> parameters, List<string> buffers, List<ScriptAttribute> attributes)
    {
        var (line, name) = (Next.Line, ReadName());
        if (Accept(":"))
        {
            var type = ReadType();
            attributes.Add(new ScriptAttribute(line, name, true, type, Accept("=") ? ReadExpression() : null));
        }
        else if (name == "__annotations__" && Accept("["))
        {
            string text = ReadText();
            Expect("]");
            Expect("=");
            attributes.Add(new ScriptAttribute(line, text, false, ReadType(), null));
        }
        else
        {
            Expect("=");
            ReadNames(line, name, name switch { "__parameters__" => parameters, "__buffers__" => buffers, _ => [] });
        }
        EndLine();
    }

    private void ReadNames(int line, string name, List<string> names)
    {
        Expect("[");
        while (!Accept("]"))
        {
            names.Add(ReadText());
            if (!Accept(",") && !Is("]"))
                throw Unexpected("a comma");
        }
        if (names.Count > 0 && name is not ("__parameters__" or "__buffers__" or "__constants__"))
            throw _source.Refuse(line, $"{name} are not permitted");
    }

    private ScriptFunction ReadFunction()
    {
        int line = Take().Line;
        string name = ReadName();
        var parameters = new List<ScriptParameter>();
        Expect("(");
        while (!Accept(")"))
        {
            string parameter = ReadName();
            Expect(":");
            var type = ReadType();
            parameters.Add(new ScriptParameter(parameter, type, Accept("=") ? ReadExpression() : null));
            if (!Accept(",") && !Is(")"))
                throw Unexpected("a comma");
        }
        Expect("->");
        var result = ReadType();
        return new ScriptFunction(line, name, parameters, result, ReadBlock());
    }

    private ScriptType ReadType() => Nested(() =>
    {
        var token = Next;
        string name = ReadName();
        if (name == "__torch__")
        {
            while (Accept("."))
                name += "." + ReadName();
            return new ScriptType(name, []);
        }
        if (!ScriptType.Known.TryGetValue(name, out var counts))
            throw _source.Refuse(token.Line, $"the type {name} is none of {string.Join(", ", ScriptType.Known.Keys)} and the classes of the file");
        var arguments = new List<ScriptType>();
        if (Accept("["))
        {
            do
                arguments.Add(ReadType());
            while (Accept(","));
            Expect("]");
        }
        return arguments.Count >= counts.Start.Value && arguments.Count <= counts.End.Value
            ? new ScriptType(name, arguments)
            : throw _source.Refuse(token.Line, $"the type {name} is of {counts.Start.Value} types, got {arguments.Count}");
    });

    private void Block(Action readLine)
    {
        Expect(":");
        EndLine();
        if (Next.Kind != ScriptTokenKind.Indent)
            throw Unexpected("a line that is indented");
        _position++;
        while (Next.Kind != ScriptTokenKind.Dedent)
            readLine();
        _position++;
    }

    private T Nested<T>(Func<T> read)
    {
        if (++_depth > Deepest)
            throw _source.Refuse(Next.Line, $"it is nested more than {Deepest} deep");
        var result = read();
        _depth--;
        return result;
    }

    private bool Is(string text) => Next.Kind is ScriptTokenKind.Name or ScriptTokenKind.Symbol && Next.Text == text;

    private ScriptToken Take() => _tokens[_position++];

    private bool Accept(string text)
    {
        bool found = Is(text);
        if (found)
            _position++;
        return found;
    }

    private void Expect(string text)
    {
        if (!Accept(text))
            throw Unexpected($"'{text}'");
    }

    private void EndLine()
    {
        if (Next.Kind != ScriptTokenKind.NewLine)
            throw Unexpected("the end of the line");
        while (Next.Kind == ScriptTokenKind.NewLine)
            _position++;
    }

    private string ReadName() => Next.Kind == ScriptTokenKind.Name && !Reserved.Contains(Next.Text) ? Take().Text : throw Unexpected("a name");

    private string ReadText() => Next.Kind == ScriptTokenKind.Text ? Take().Text : throw Unexpected("a text");

    private ArgumentException Unexpected(string expected)
        => _source.Refuse(Next.Line, $"expected {expected}, got {(Next.Text.Length > 0 ? $"'{(Next.Text.Length > 40 ? Next.Text[..40] + "…" : Next.Text)}'" : Next.Kind.ToString())}, which torch.jit.save does not write there for code that computes");
}
