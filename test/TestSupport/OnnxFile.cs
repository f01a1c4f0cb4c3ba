using System.Text;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>Writes ONNX files of a linear layer without bias: what ML.NET's ApplyOnnxModel needs to stand for any encoder.</summary>
public static class OnnxFile
{
    private const int Float = 1;

    /// <summary>The file of y [?, outputs] = x [?, inputs]·W.</summary>
    /// <param name="path">Where to write it.</param>
    /// <param name="input">The name of x.</param>
    /// <param name="output">The name of y.</param>
    /// <param name="weights">W, [inputs, outputs].</param>
    public static void WriteLinear(string path, string input, string output, float[,] weights)
    {
        int rows = weights.GetLength(0), columns = weights.GetLength(1);
        byte[] raw = new byte[weights.Length * sizeof(float)];
        Buffer.BlockCopy(weights, 0, raw, 0, raw.Length);
        // Numbers of fields as in onnx.proto.
        byte[] node = [.. Bytes(1, input), .. Bytes(1, "W"), .. Bytes(2, output), .. Bytes(3, "linear"), .. Bytes(4, "MatMul")];
        byte[] initializer = [.. Number(1, rows), .. Number(1, columns), .. Number(2, Float), .. Bytes(8, "W"), .. Bytes(9, raw)];
        byte[] graph = [.. Bytes(1, node), .. Bytes(2, "encoder"), .. Bytes(5, initializer), .. Bytes(11, Value(input, rows)), .. Bytes(12, Value(output, columns))];
        File.WriteAllBytes(path, [.. Number(1, 8), .. Bytes(7, graph), .. Bytes(8, [.. Bytes(1, ""), .. Number(2, 13)])]);
    }

    private static byte[] Value(string name, int size)
    {
        byte[] shape = [.. Bytes(1, Bytes(2, "batch")), .. Bytes(1, Number(1, size))];
        return [.. Bytes(1, name), .. Bytes(2, Bytes(1, [.. Number(1, Float), .. Bytes(2, shape)]))];
    }

    private static byte[] Bytes(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Bytes(int field, byte[] content) => [.. Whole(field << 3 | 2), .. Whole(content.Length), .. content];

    private static byte[] Number(int field, int value) => [.. Whole(field << 3), .. Whole(value)];

    private static IEnumerable<byte> Whole(int value)
    {
        for (; value >= 0x80; value >>= 7)
            yield return (byte)(value | 0x80);
        yield return (byte)value;
    }
}
