using System.Text;

namespace Microsoft.ML.Diffusion;

/// <summary>A parameter of a function.</summary>
internal sealed record ScriptParameter(string Name, ScriptType Type, ScriptExpression? Default)
{
    public override string ToString() => Default is null ? $"{Name}: {Type}" : $"{Name}: {Type}={Default}";
}

/// <summary>A function, or a method whose first parameter is its object.</summary>
internal sealed record ScriptFunction(int Line, string Name, IReadOnlyList<ScriptParameter> Parameters, ScriptType Result, IReadOnlyList<ScriptStatement> Body)
{
    public void Write(StringBuilder code, string indent)
    {
        code.Append(indent).Append("def ").Append(Name).Append('(').AppendJoin(", ", Parameters).Append(") -> ").Append(Result).Append(":\n");
        ScriptStatement.WriteBlock(Body, code, indent + "  ");
    }
}

/// <summary>An attribute of a class; with its value where it is a constant.</summary>
internal sealed record ScriptAttribute(int Line, string Name, bool IsIdentifier, ScriptType Type, ScriptExpression? Constant)
{
    public override string ToString() => IsIdentifier ? Constant is null ? $"{Name} : {Type}" : $"{Name} : {Type} = {Constant}" : $"__annotations__[{ScriptText.Quote(Name)}] = {Type}";
}

/// <summary>A class of modules.</summary>
internal sealed record ScriptClass(int Line, string Name, IReadOnlyList<string> Parameters, IReadOnlyList<string> Buffers, IReadOnlyList<ScriptAttribute> Attributes, IReadOnlyList<ScriptFunction> Methods)
{
    public void Write(StringBuilder code)
    {
        code.Append("class ").Append(Name).Append("(Module):\n");
        code.Append("  __parameters__ = [").AppendJoin("", Parameters.Select(name => ScriptText.Quote(name) + ", ")).Append("]\n");
        code.Append("  __buffers__ = [").AppendJoin("", Buffers.Select(name => ScriptText.Quote(name) + ", ")).Append("]\n");
        foreach (var attribute in Attributes)
            code.Append("  ").Append(attribute).Append('\n');
        foreach (var method in Methods)
            method.Write(code, "  ");
    }
}

/// <summary>What a file of code declares.</summary>
internal sealed record ScriptFile(ScriptSource Source, IReadOnlyList<ScriptClass> Classes, IReadOnlyList<ScriptFunction> Functions)
{
    public override string ToString()
    {
        var code = new StringBuilder();
        foreach (var function in Functions)
            function.Write(code, "");
        foreach (var declared in Classes)
            declared.Write(code);
        return code.ToString();
    }
}
