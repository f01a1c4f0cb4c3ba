namespace Microsoft.ML.Diffusion;

/// <content>Statements and expressions.</content>
internal sealed partial class ScriptParser
{
    private List<ScriptStatement> ReadBlock() => Nested(() =>
    {
        var statements = new List<ScriptStatement>();
        Block(() => statements.Add(ReadStatement()));
        return statements;
    });

    private ScriptStatement ReadStatement()
    {
        int line = Next.Line;
        if (Accept("if"))
        {
            var condition = ReadExpression();
            var then = ReadBlock();
            return new ScriptIf(line, condition, then, Accept("else") ? ReadBlock() : []);
        }
        if (Accept("while"))
            return new ScriptLoop(line, null, ReadExpression(), ReadBlock());
        if (Accept("for"))
        {
            string name = ReadName();
            Expect("in");
            Expect("range");
            Expect("(");
            var count = ReadExpression();
            Expect(")");
            return new ScriptLoop(line, name, count, ReadBlock());
        }
        ScriptStatement statement = Accept("return") ? new ScriptReturn(line, ReadExpression()) : Accept("pass") ? new ScriptReturn(line, null) : ReadAssignment(line);
        EndLine();
        return statement;
    }

    private ScriptAssignment ReadAssignment(int line)
    {
        var first = ReadExpression();
        if (!Is(",") && !Is("="))
            return new ScriptAssignment(line, [], false, first);
        List<string> names = [NameOf(first)];
        bool unpacks = false;
        while (Accept(","))
        {
            unpacks = true;
            if (!Is("="))
                names.Add(NameOf(ReadExpression()));
        }
        Expect("=");
        return new ScriptAssignment(line, names, unpacks, ReadExpression());
    }

    private string NameOf(ScriptExpression expression) => expression switch
    {
        ScriptName name => name.Name,
        ScriptMember member => throw _source.Refuse(member.Line, $"{member} is set: a module that changes itself gives results that depend on earlier calls"),
        _ => throw _source.Refuse(expression.Line, $"{expression} is set; only variables are"),
    };

    private ScriptExpression ReadExpression() => Nested(() =>
    {
        var value = ReadPrimary();
        while (true)
        {
            int line = Next.Line;
            if (Accept("."))
                value = new ScriptMember(line, value, ReadName());
            else if (Accept("("))
                value = ReadCall(line, value);
            else if (Accept("["))
            {
                value = new ScriptItem(line, value, ReadExpression());
                Expect("]");
            }
            else
                return value;
        }
    });

    private ScriptCall ReadCall(int line, ScriptExpression callee)
    {
        var arguments = new List<ScriptExpression>();
        var named = new List<(string, ScriptExpression)>();
        while (!Accept(")"))
        {
            if (Next.Kind == ScriptTokenKind.Name && _tokens[_position + 1] is { Kind: ScriptTokenKind.Symbol, Text: "=" })
            {
                string name = ReadName();
                Expect("=");
                named.Add((name, ReadExpression()));
            }
            else if (named.Count == 0)
                arguments.Add(ReadExpression());
            else
                throw Unexpected("a named argument");
            if (!Accept(",") && !Is(")"))
                throw Unexpected("a comma");
        }
        return new ScriptCall(line, callee, arguments, named);
    }

    private ScriptExpression ReadPrimary()
    {
        var token = Next;
        switch (token.Kind)
        {
            case ScriptTokenKind.Text:
                _position++;
                return new ScriptText(token.Line, token.Text);
            case ScriptTokenKind.Integer or ScriptTokenKind.Real:
                _position++;
                return new ScriptLiteral(token.Line, token.Text);
            case ScriptTokenKind.Name:
                return ReadWord(token.Line, ReadName());
        }
        if (Accept("-"))
            return Next.Kind is ScriptTokenKind.Integer or ScriptTokenKind.Real || Is("inf") ? new ScriptLiteral(token.Line, "-" + Take().Text) : throw Unexpected("a number");
        if (Accept("["))
            return new ScriptItems(token.Line, false, ReadItems("]"));
        if (Accept("{"))
            return ReadDictionary(token.Line);
        Expect("(");
        if (Accept(")"))
            return new ScriptItems(token.Line, true, []);
        var first = ReadExpression();
        if (Accept(")"))
            return first;
        Expect(",");
        return new ScriptItems(token.Line, true, [first, .. ReadItems(")")]);
    }

    private ScriptExpression ReadWord(int line, string name)
    {
        if (name is "True" or "False" or "None" or "inf" or "nan")
            return new ScriptLiteral(line, name);
        if (name is not ("annotate" or "unchecked_cast" or "uninitialized"))
            return new ScriptName(line, name);
        Expect("(");
        var type = ReadType();
        var value = name == "uninitialized" ? null : ReadTyped();
        Accept(",");
        Expect(")");
        return new ScriptTyped(line, name, type, value);

        ScriptExpression ReadTyped()
        {
            Expect(",");
            return ReadExpression();
        }
    }

    private List<ScriptExpression> ReadItems(string end)
    {
        var items = new List<ScriptExpression>();
        while (!Accept(end))
        {
            items.Add(ReadExpression());
            if (!Accept(",") && !Is(end))
                throw Unexpected("a comma");
        }
        return items;
    }

    private ScriptDictionary ReadDictionary(int line)
    {
        var items = new List<(ScriptExpression, ScriptExpression)>();
        while (!Accept("}"))
        {
            var key = ReadExpression();
            Expect(":");
            items.Add((key, ReadExpression()));
            if (!Accept(",") && !Is("}"))
                throw Unexpected("a comma");
        }
        return new ScriptDictionary(line, items);
    }
}
