using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>The memory of tensors, in pieces that spans can hold.</summary>
internal static class TensorBytes
{
    private const long PieceNumbers = 1 << 24;

    /// <summary>Does something with a piece.</summary>
    public delegate void Piece(Span<byte> bytes);

    /// <summary>Shows the numbers of a tensor, on any device and in any layout, row by row.</summary>
    public static void Read(Tensor tensor, Piece read)
    {
        using var noGrad = no_grad();
        using var plain = tensor.detach();
        using var host = plain.cpu();
        using var resolved = host.is_complex() ? host.resolve_conj() : host.alias();
        using var rows = resolved.contiguous();
        Visit(rows, read);
    }

    /// <summary>Lets the numbers of a contiguous tensor on the CPU be written.</summary>
    public static void Write(Tensor host, Piece write) => Visit(host, write);

    private static void Visit(Tensor host, Piece visit)
    {
        long count = host.numel();
        using var flat = host.view(-1);
        for (long at = 0; at < count; at += PieceNumbers)
        {
            using var piece = flat.narrow(0, at, Math.Min(PieceNumbers, count - at));
            visit(piece.bytes);
        }
    }
}
