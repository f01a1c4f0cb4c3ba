using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>Grey pictures of 28 × 28 pixels, 0 to 255, and the class of each, 0 to 9.</summary>
internal sealed class PictureSet(float[][] pixels, long[] labels)
{
    public const int Classes = 10, Size = 28;

    public int Count => pixels.Length;

    public long[] Labels => labels;

    /// <summary>The pictures of a view with the columns Pixels and Label.</summary>
    public static PictureSet From(IDataView view)
    {
        float[][] pixels = [.. view.GetColumn<VBuffer<float>>("Pixels").Select(picture => picture.DenseValues().ToArray())];
        // ML.NET's keys count from 1.
        return new PictureSet(pixels, [.. view.GetColumn<uint>("Label").Select(key => (long)key - 1)]);
    }

    /// <summary>Some of the pictures as a classifier takes them: [rows, 1, 28, 28] in [-1, 1], and their classes.</summary>
    public (Tensor Pictures, Tensor Labels) Rows(ReadOnlySpan<int> rows)
    {
        var values = new float[rows.Length * Size * Size];
        var classes = new long[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            for (int j = 0; j < Size * Size; j++)
                values[i * Size * Size + j] = pixels[rows[i]][j] / 127.5f - 1;
            classes[i] = labels[rows[i]];
        }
        return (tensor(values, rows.Length, 1, Size, Size), tensor(classes));
    }
}
