using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>A module in a TorchScript file: its class and what it holds.</summary>
public sealed record ScriptObject(string Class, params (string Name, object? Value)[] State);

/// <summary>A tensor in a TorchScript file.</summary>
/// <param name="Values">Its storage.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Strides">Its strides; those of rows in order where null.</param>
/// <param name="Learns">Whether it is a parameter with a gradient.</param>
public sealed record ScriptTensor(float[] Values, int[] Shape, int[]? Strides = null, bool Learns = true);

/// <summary>Writes pickles as torch.jit.save does.</summary>
public sealed class ScriptPickle
{
    private readonly List<byte> _bytes = [0x80, 2];

    /// <summary>The storages that it met.</summary>
    public List<byte[]> Storages { get; } = [];

    /// <summary>The pickle of a value: null, bool, long, double, string, <see cref="ScriptTensor"/>, <see cref="ScriptObject"/>, an array (a tuple) or a list.</summary>
    public byte[] Write(object? value)
    {
        Value(value);
        return [.. _bytes, (byte)'.'];
    }

    private void Value(object? value)
    {
        switch (value)
        {
            case null:
                Op("N");
                break;
            case bool flag:
                Op(flag ? "\u0088" : "\u0089");
                break;
            case int small:
                Value((long)small);
                break;
            case long whole:
                Op("\u008a\u0008");
                _bytes.AddRange(BitConverter.GetBytes(whole));
                break;
            case double number:
                Op("G");
                _bytes.AddRange(BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(BitConverter.DoubleToInt64Bits(number))));
                break;
            case string text:
                String(text);
                break;
            case ScriptTensor tensor:
                Tensor(tensor);
                break;
            case ScriptObject module:
                int dot = module.Class.LastIndexOf('.');
                Op($"c{module.Class[..dot]}\n{module.Class[(dot + 1)..]}\n)\u0081}}(");
                foreach (var (name, part) in module.State)
                {
                    String(name);
                    Value(part);
                }
                Op("ub");
                break;
            case List<object?> list:
                Op("](");
                list.ForEach(Value);
                Op("e");
                break;
            case object?[] tuple:
                Op("(");
                foreach (object? item in tuple)
                    Value(item);
                Op("t");
                break;
            default:
                throw new NotSupportedException($"A pickle of {value.GetType()}.");
        }
    }

    private void Tensor(ScriptTensor tensor)
    {
        int[] strides = tensor.Strides ?? [.. Enumerable.Range(0, tensor.Shape.Length).Select(dimension => tensor.Shape[(dimension + 1)..].Aggregate(1, (product, size) => product * size))];
        Op("ctorch._utils\n_rebuild_tensor_v2\n((");
        String("storage");
        Op("ctorch\nFloatStorage\n");
        String($"{Storages.Count}");
        String("cpu");
        Value(tensor.Values.Length);
        Op("tQ");
        Value(0);
        Value(tensor.Shape.Cast<object?>().ToArray());
        Value(strides.Cast<object?>().ToArray());
        Value(tensor.Learns);
        Op("ccollections\nOrderedDict\n)RtR");
        Storages.Add(MemoryMarshal.AsBytes(tensor.Values.AsSpan()).ToArray());
    }

    private void String(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Op("X");
        _bytes.AddRange(BitConverter.GetBytes(utf8.Length));
        _bytes.AddRange(utf8);
    }

    private void Op(string codes) => _bytes.AddRange(Encoding.Latin1.GetBytes(codes));
}
