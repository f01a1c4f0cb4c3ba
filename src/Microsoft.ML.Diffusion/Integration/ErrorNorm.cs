using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Root mean squares of rows, in units of the tolerance: of each row, or one for the whole batch.</summary>
internal sealed class ErrorNorm(AdaptiveStepping stepping, IReadOnlyList<int> parts)
{
    private readonly IReadOnlyList<int> _parts = stepping.Control.NormPerPart ? parts : [parts.Sum()];

    /// <summary>atol + rtol·max(|a|, |b|), place by place: a fresh tensor.</summary>
    public Tensor Scale(Tensor a, Tensor b)
    {
        using var left = a.abs();
        using var right = b.abs();
        using var size = left.maximum(right);
        using var relative = size.Times(stepping.RelativeTolerance);
        using TorchSharp.Scalar absolute = stepping.AbsoluteTolerance;
        return relative.add(absolute);
    }

    /// <summary>The norm of values/scale of each row; the same for all where the whole batch counts.</summary>
    public double[] Of(Tensor values, Tensor scale)
    {
        using var scaled = values.div(scale);
        var squares = RowTensors.MeanSquares(scaled, _parts);
        int rows = squares.GetLength(0);
        var norms = new double[rows];
        for (int part = 0; part < _parts.Count; part++)
        {
            double shared = Enumerable.Range(0, rows).Average(row => squares[row, part]);
            for (int row = 0; row < rows; row++)
                norms[row] = Math.Max(norms[row], Math.Sqrt(stepping.WholeBatch ? shared : squares[row, part]));
        }
        return norms;
    }
}
