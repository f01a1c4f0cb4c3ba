namespace Microsoft.ML.Diffusion;

/// <summary>An expression of TorchScript code; its text is what libtorch is given.</summary>
internal abstract record ScriptExpression(int Line);

/// <summary>A number, True, False or None.</summary>
internal sealed record ScriptLiteral(int Line, string Text) : ScriptExpression(Line)
{
    public override string ToString() => Text;
}

/// <summary>A text.</summary>
internal sealed record ScriptText(int Line, string Value) : ScriptExpression(Line)
{
    public override string ToString() => Quote(Value);

    /// <summary>A text in quotes, in ASCII.</summary>
    public static string Quote(string value)
        => $"\"{string.Concat(value.Select(c => c is >= ' ' and <= '~' and not '"' and not '\\' ? c.ToString() : $"\\{c >> 6 & 7}{c >> 3 & 7}{c & 7}"))}\"";
}

/// <summary>A variable, or the start of a longer name.</summary>
internal sealed record ScriptName(int Line, string Name) : ScriptExpression(Line)
{
    public override string ToString() => Name;
}

/// <summary>A part of something: <c>self.weight</c>, <c>torch.add</c>.</summary>
internal sealed record ScriptMember(int Line, ScriptExpression Of, string Name) : ScriptExpression(Line)
{
    /// <summary>The dotted name from its start, where it is one.</summary>
    public string? Path => Of switch
    {
        ScriptName name => $"{name.Name}.{Name}",
        ScriptMember { Path: { } path } => $"{path}.{Name}",
        _ => null,
    };

    public override string ToString() => Of is ScriptName or ScriptMember ? $"{Of}.{Name}" : $"({Of}).{Name}";
}

/// <summary>A call.</summary>
internal sealed record ScriptCall(int Line, ScriptExpression Callee, IReadOnlyList<ScriptExpression> Arguments, IReadOnlyList<(string Name, ScriptExpression Value)> Named) : ScriptExpression(Line)
{
    public override string ToString() => $"{Callee}({string.Join(", ", [.. Arguments.Select(argument => argument.ToString()), .. Named.Select(named => $"{named.Name}={named.Value}")])})";
}

/// <summary>An item: <c>x[0]</c>.</summary>
internal sealed record ScriptItem(int Line, ScriptExpression Of, ScriptExpression Index) : ScriptExpression(Line)
{
    public override string ToString() => $"({Of})[{Index}]";
}

/// <summary>A list, or a tuple.</summary>
internal sealed record ScriptItems(int Line, bool IsTuple, IReadOnlyList<ScriptExpression> Items) : ScriptExpression(Line)
{
    public override string ToString() => IsTuple ? $"({string.Join(", ", Items)}{(Items.Count == 1 ? "," : "")})" : $"[{string.Join(", ", Items)}]";
}

/// <summary>A dictionary.</summary>
internal sealed record ScriptDictionary(int Line, IReadOnlyList<(ScriptExpression Key, ScriptExpression Value)> Items) : ScriptExpression(Line)
{
    public override string ToString() => $"{{{string.Join(", ", Items.Select(item => $"{item.Key}: {item.Value}"))}}}";
}

/// <summary>A word with a type: <c>annotate(List[int], [])</c>, <c>unchecked_cast</c>, <c>uninitialized</c>.</summary>
internal sealed record ScriptTyped(int Line, string Word, ScriptType Type, ScriptExpression? Value) : ScriptExpression(Line)
{
    public override string ToString() => Value is null ? $"{Word}({Type})" : $"{Word}({Type}, {Value})";
}
