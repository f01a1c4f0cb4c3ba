namespace Microsoft.ML.Diffusion;

/// <summary>What an expression stands for: a module of a class, a function of the file, or a value where it is neither.</summary>
internal readonly record struct ScriptKind(string? Class, string? Function)
{
    /// <summary>A tensor, a number, a list...</summary>
    public bool IsValue => this == default;

    /// <summary>What a type says.</summary>
    public static ScriptKind Of(ScriptType type) => new(type.IsClass ? type.Name : null, null);

    /// <inheritdoc/>
    public override string ToString() => Class ?? Function ?? "a value";
}
