using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>Writes TorchScript files of one module as torch.jit.save does: a zip of code and pickled parameters.</summary>
public sealed class TorchScriptArchive
{
    private readonly List<(string Name, float[] Values, int[] Shape, bool IsBuffer)> _tensors = [];

    /// <summary>Adds a parameter, or a buffer.</summary>
    public TorchScriptArchive Add(string name, float[] values, int[] shape, bool isBuffer = false)
    {
        _tensors.Add((name, values, shape, isBuffer));
        return this;
    }

    /// <summary>The file.</summary>
    /// <param name="arguments">The arguments of forward, such as <c>x: Tensor, level: Tensor</c>.</param>
    /// <param name="lines">The lines of forward in TorchScript, with torch.NAME for operators.</param>
    public byte[] Write(string arguments, params string[] lines)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Entry(zip, "data.pkl", Pickle());
            Entry(zip, "code/__torch__.py", Encoding.UTF8.GetBytes(Code(arguments, lines)));
            for (int i = 0; i < _tensors.Count; i++)
                Entry(zip, $"data/{i}", MemoryMarshal.AsBytes(_tensors[i].Values.AsSpan()).ToArray());
            Entry(zip, "constants.pkl", [0x80, 2, (byte)')', (byte)'.']);
            Entry(zip, "version", "3\n"u8.ToArray());
        }
        return stream.ToArray();
    }

    private static void Entry(ZipArchive zip, string name, byte[] bytes)
    {
        var entry = zip.CreateEntry("net/" + name, CompressionLevel.NoCompression);
        // The same module is the same file, whenever it is written.
        entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var stream = entry.Open();
        stream.Write(bytes);
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

    private byte[] Pickle()
    {
        var bytes = new List<byte>();
        Op(0x80, 2);
        Global("__torch__", "Net");
        Text(")\u0081}(");
        for (int i = 0; i < _tensors.Count; i++)
        {
            var (name, values, shape, isBuffer) = _tensors[i];
            String(name);
            Global("torch._utils", "_rebuild_tensor_v2");
            Text("((");
            String("storage");
            Global("torch", "FloatStorage");
            String($"{i}");
            String("cpu");
            Number(values.Length);
            Text("tQ");
            Number(0);
            Tuple(shape);
            Tuple([.. Enumerable.Range(0, shape.Length).Select(dimension => shape[(dimension + 1)..].Aggregate(1, (product, size) => product * size))]);
            Op(isBuffer ? (byte)0x89 : (byte)0x88);
            Global("collections", "OrderedDict");
            Text(")RtR");
        }
        String("training");
        Op(0x88);
        Text("ub.");
        return [.. bytes];

        void Op(params byte[] codes) => bytes.AddRange(codes);
        void Text(string ascii) => bytes.AddRange(Encoding.Latin1.GetBytes(ascii));
        void Global(string module, string name) => Text($"c{module}\n{name}\n");
        void Number(int value) => Op((byte)'J', (byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24));
        void String(string value)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(value);
            var length = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
            Op([(byte)'X', .. length, .. utf8]);
        }

        void Tuple(int[] values)
        {
            Text("(");
            foreach (int value in values)
                Number(value);
            Text("t");
        }
    }
}
