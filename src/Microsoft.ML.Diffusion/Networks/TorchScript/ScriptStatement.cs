using System.Text;

namespace Microsoft.ML.Diffusion;

/// <summary>A statement of TorchScript code; its text is what libtorch is given.</summary>
internal abstract record ScriptStatement(int Line)
{
    /// <summary>Writes it with its parts.</summary>
    public abstract void Write(StringBuilder code, string indent);

    /// <summary>Writes a block, which needs a line at least.</summary>
    public static void WriteBlock(IReadOnlyList<ScriptStatement> block, StringBuilder code, string indent)
    {
        if (block.Count == 0)
            code.Append(indent).Append("pass\n");
        foreach (var statement in block)
            statement.Write(code, indent);
    }
}

/// <summary><c>a, b, = value</c>; a value alone where there are no names.</summary>
internal sealed record ScriptAssignment(int Line, IReadOnlyList<string> Names, bool Unpacks, ScriptExpression Value) : ScriptStatement(Line)
{
    public override void Write(StringBuilder code, string indent)
        => code.Append(indent).Append(string.Join(", ", Names)).Append(Unpacks ? ", " : "").Append(Names.Count > 0 ? " = " : "").Append(Value).Append('\n');
}

/// <summary><c>return value</c>, <c>pass</c>.</summary>
internal sealed record ScriptReturn(int Line, ScriptExpression? Value) : ScriptStatement(Line)
{
    public override void Write(StringBuilder code, string indent) => code.Append(indent).Append(Value is null ? "pass" : $"return {Value}").Append('\n');
}

/// <summary><c>if</c> with its <c>else</c>.</summary>
internal sealed record ScriptIf(int Line, ScriptExpression Condition, IReadOnlyList<ScriptStatement> Then, IReadOnlyList<ScriptStatement> Else) : ScriptStatement(Line)
{
    public override void Write(StringBuilder code, string indent)
    {
        code.Append(indent).Append("if ").Append(Condition).Append(":\n");
        WriteBlock(Then, code, indent + "  ");
        code.Append(indent).Append("else:\n");
        WriteBlock(Else, code, indent + "  ");
    }
}

/// <summary><c>for name in range(count)</c>, or <c>while condition</c> where there is no name.</summary>
internal sealed record ScriptLoop(int Line, string? Name, ScriptExpression Over, IReadOnlyList<ScriptStatement> Body) : ScriptStatement(Line)
{
    public override void Write(StringBuilder code, string indent)
    {
        code.Append(indent).Append(Name is null ? "while " : $"for {Name} in range(").Append(Over).Append(Name is null ? ":\n" : "):\n");
        WriteBlock(Body, code, indent + "  ");
    }
}
