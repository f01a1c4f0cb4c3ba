namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>Writes TorchScript files of one module as torch.jit.save does: a zip of code and pickled parameters.</summary>
public sealed class TorchScriptArchive
{
    private readonly List<(string Name, ScriptTensor Tensor, bool IsBuffer)> _tensors = [];

    /// <summary>Adds a parameter, or a buffer.</summary>
    public TorchScriptArchive Add(string name, float[] values, int[] shape, bool isBuffer = false, int[]? strides = null)
    {
        _tensors.Add((name, new ScriptTensor(values, shape, strides, Learns: !isBuffer), isBuffer));
        return this;
    }

    /// <summary>The file.</summary>
    /// <param name="arguments">The arguments of forward, such as <c>x: Tensor, level: Tensor</c>.</param>
    /// <param name="lines">The lines of forward in TorchScript, with torch.NAME for operators.</param>
    public byte[] Write(string arguments, params string[] lines) => ScriptZip.Pack(Entries(arguments, lines));

    /// <summary>The entries of the file.</summary>
    /// <inheritdoc cref="Write" path="/param"/>
    public Dictionary<string, byte[]> Entries(string arguments, params string[] lines)
    {
        var state = _tensors.Select(tensor => (tensor.Name, (object?)tensor.Tensor)).Append(("training", true));
        return ScriptZip.Entries(new ScriptObject("__torch__.Net", [.. state]), new Dictionary<string, string> { ["__torch__"] = Code(arguments, lines) });
    }

    private string Code(string arguments, string[] lines)
    {
        string Names(bool areBuffers) => string.Concat(_tensors.Where(tensor => tensor.IsBuffer == areBuffers).Select(tensor => $"\"{tensor.Name}\", "));
        string[] code =
        [
            "class Net(Module):",
            $"  __parameters__ = [{Names(areBuffers: false)}]",
            $"  __buffers__ = [{Names(areBuffers: true)}]",
            .. _tensors.Select(tensor => $"  {tensor.Name} : Tensor"),
            "  training : bool",
            $"  def forward(self: __torch__.Net, {arguments}) -> Tensor:",
            .. lines.Select(line => "    " + line),
        ];
        return string.Join('\n', code) + "\n";
    }
}
