namespace Microsoft.ML.Diffusion;

/// <summary>A word of TorchScript code.</summary>
internal readonly record struct ScriptToken(ScriptTokenKind Kind, string Text, int Line);

/// <summary>What a word is.</summary>
internal enum ScriptTokenKind
{
    Name,
    Integer,
    Real,
    Text,
    Symbol,
    NewLine,
    Indent,
    Dedent,
    End,
}
