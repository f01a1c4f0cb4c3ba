using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// What tells a row from all others, wherever it stands in a batch: ML.NET's DataViewRowId, a value of a seed column, the index of a
/// training example. Equal keys have equal random numbers.
/// </summary>
/// <param name="Low">The lower 64 bits.</param>
/// <param name="High">The upper 64 bits.</param>
public readonly record struct RowKey(ulong Low, ulong High = 0)
{
    /// <summary>The key of a name: for numbers that belong to a parameter, not to a row.</summary>
    /// <param name="name">The name.</param>
    public static RowKey FromName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan();
        return new RowKey(System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(hash), System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]));
    }
}
