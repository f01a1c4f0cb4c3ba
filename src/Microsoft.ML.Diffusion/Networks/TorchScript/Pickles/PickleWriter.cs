using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Diffusion;

/// <summary>Writes a pickle as libtorch reads it.</summary>
internal sealed class PickleWriter
{
    private readonly List<byte> _bytes = [0x80, 2];
    private readonly Dictionary<object, int> _memo = new(ReferenceEqualityComparer.Instance);

    /// <summary>The pickle.</summary>
    public byte[] Finish() => [.. _bytes, (byte)'.'];

    /// <summary>Writes instructions without arguments.</summary>
    public void Op(string codes) => _bytes.AddRange(Encoding.Latin1.GetBytes(codes));

    /// <summary>Writes a name.</summary>
    public void Global(string module, string name) => Op($"c{module}\n{name}\n");

    /// <summary>Writes a text.</summary>
    public void Text(string value)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(value);
        Op("X");
        Int32(utf8.Length);
        _bytes.AddRange(utf8);
    }

    /// <summary>Writes a whole number.</summary>
    public void Number(long value)
    {
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            Op("J");
            Int32((int)value);
            return;
        }
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Op("\u008a\u0008");
        _bytes.AddRange(bytes);
    }

    /// <summary>Writes a real number.</summary>
    public void Real(double value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
        Op("G");
        _bytes.AddRange(bytes);
    }

    /// <summary>Writes whole numbers as a tuple.</summary>
    public void Tuple(IEnumerable<long> values)
    {
        Op("(");
        foreach (long value in values)
            Number(value);
        Op("t");
    }

    /// <summary>Writes what was written before once more; false where it was not.</summary>
    public bool Repeat(object value)
    {
        if (!_memo.TryGetValue(value, out int index))
            return false;
        Op("j");
        Int32(index);
        return true;
    }

    /// <summary>Keeps what was written last, to be repeated.</summary>
    public void Keep(object value)
    {
        int index = _memo.Count;
        _memo.Add(value, index);
        Op("r");
        Int32(index);
    }

    private void Int32(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
    }
}
