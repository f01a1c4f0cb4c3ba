using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Numbers and decisions of rows as tensors, and back.</summary>
internal static class RowTensors
{
    /// <summary>A number for each row, shaped [B, 1, ...] to broadcast against a tensor, in its type and on its device.</summary>
    public static Tensor Column(ReadOnlySpan<double> values, Tensor like)
    {
        using var host = tensor(values.ToArray(), ColumnShape(values.Length, like));
        return host.to(like.dtype, like.device, copy: true);
    }

    /// <summary>The rows of one tensor where a flag is set, those of another elsewhere.</summary>
    public static Tensor Choose(ReadOnlySpan<bool> flags, Tensor yes, Tensor no)
    {
        using var host = tensor(flags.ToArray(), ColumnShape(flags.Length, yes));
        using var mask = host.to(yes.device, copy: true);
        return where(mask, yes, no);
    }

    /// <summary>from + scale·(to − from), row by row: a fresh tensor. A row of scale 1 is exactly the other end, whatever the rounding.</summary>
    /// <param name="from">[B, ...].</param>
    /// <param name="to">[B, ...].</param>
    /// <param name="scale">The scale of all rows.</param>
    /// <param name="scales">Each row's own, [B, 1, ...]; null where all have the same.</param>
    public static Tensor Extrapolate(Tensor from, Tensor to, double scale, Tensor? scales)
    {
        using var difference = to.Minus(from);
        using var scaled = scales is null ? difference.Times(scale) : difference.mul(scales);
        var sum = from.Plus(scaled);
        if (scales is null)
            return sum;
        using (sum)
        using (var plain = scales.IsOne())
            return where(plain, to, sum);
    }

    /// <summary>Σ w·x over tensors: a fresh tensor.</summary>
    public static Tensor Sum(ReadOnlySpan<double> weights, ReadOnlySpan<Tensor> terms)
    {
        var sum = terms[0].Times(weights[0]);
        for (int i = 1; i < weights.Length; i++)
        {
            if (weights[i] == 0)
                continue;
            using Scalar weight = weights[i];
            sum.add_(terms[i], weight);
        }
        return sum;
    }

    /// <summary>The mean square of each row's values in consecutive parts: [row, part].</summary>
    public static double[,] MeanSquares(Tensor values, IReadOnlyList<int> parts)
    {
        int rows = (int)values.size(0);
        var means = new double[rows, parts.Count];
        using var flat = values.reshape(rows, -1);
        long offset = 0;
        for (int part = 0; part < parts.Count; part++)
        {
            using var columns = flat.narrow(1, offset, parts[part]);
            using var squares = columns.Squared();
            using var mean = squares.mean([1], false, ScalarType.Float64);
            using var host = mean.cpu();
            var numbers = host.data<double>();
            for (int row = 0; row < rows; row++)
                means[row, part] = numbers[row];
            offset += parts[part];
        }
        return means;
    }

    /// <summary>The first of some rows that holds NaN or infinity; null where none does.</summary>
    public static int? FirstNotFinite(Tensor values, ReadOnlySpan<bool> considered)
    {
        using var flat = values.reshape(values.size(0), -1);
        using var finite = flat.isfinite();
        using var rows = finite.all(1);
        using var host = rows.cpu();
        var flags = host.data<bool>();
        for (int row = 0; row < considered.Length; row++)
            if (considered[row] && !flags[row])
                return row;
        return null;
    }

    /// <summary>[B, 1, ...], as many dimensions as a tensor has.</summary>
    public static long[] ColumnShape(int rows, Tensor like)
    {
        var shape = new long[like.dim()];
        Array.Fill(shape, 1);
        shape[0] = rows;
        return shape;
    }
}
