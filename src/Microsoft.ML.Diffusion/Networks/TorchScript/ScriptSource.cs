namespace Microsoft.ML.Diffusion;

/// <summary>A file of code in a TorchScript archive.</summary>
/// <param name="Path">Its path below <c>code/</c>, without the ending: <c>__torch__/torch/nn/functional</c>.</param>
/// <param name="Text">Its content, a character for each byte.</param>
internal sealed record ScriptSource(string Path, string Text)
{
    /// <summary>The name before those of its classes and functions: <c>__torch__.torch.nn.functional</c>.</summary>
    public string Namespace => Path.Replace('/', '.');

    /// <summary>What is thrown where a line is refused.</summary>
    public ArgumentException Refuse(int line, string why) => new($"The TorchScript code is refused (code/{Path}.py, line {line}): {why}.");
}
