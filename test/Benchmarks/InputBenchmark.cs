using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.Trainers;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>Reading training data into the trainer's buffer, checks and the way to model space included, against a loop that only reads.</summary>
internal sealed class InputBenchmark : IBenchmark
{
    private const int Width = 784;

    public string Name => "input";

    public string Description => "60,000 rows of 784 floats into the training buffer, against a bare cursor loop over the same data";

    public IReadOnlyDictionary<string, double> Run(string[] arguments)
    {
        int rows = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 60_000;
        var ml = new MLContext(1);
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows).Select(Row).ToArray());
        var reader = new SampleReader(nameof(InputRow.Features), [], ConditionLayout.Empty, new PixelCodec(), UnknownValueRule.Strict);
        float[] warm = new float[(long)rows * Width];
        var ratios = new Interleaved()
            .Add("bare cursor loop", () => Loop(data, null))
            .Add("loop that copies into an array in use", () => Loop(data, warm))
            .Add("loop that copies into a new array", () => Loop(data, new float[(long)rows * Width]))
            .Add("training buffer", () => reader.Read(data, "training", int.MaxValue, CancellationToken.None).Dispose())
            .Run(rounds: 21);
        // The speed of ours in units of the other's.
        return new Dictionary<string, double>
        {
            ["read_ratio"] = 1 / ratios["training buffer"],
            ["copy_ratio"] = ratios["loop that copies into a new array"] / ratios["training buffer"],
        };
    }

    private static InputRow Row(int index)
    {
        var row = new InputRow();
        for (int i = 0; i < Width; i++)
            row.Features[i] = (index * 31 + i * 17) % 256;
        return row;
    }

    // Reads every row, and keeps them where there is an array to keep them in.
    private static void Loop(IDataView data, float[]? target)
    {
        var column = data.Schema[nameof(InputRow.Features)];
        using var cursor = data.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> value = default;
        for (int row = 0; cursor.MoveNext(); row++)
        {
            getter(ref value);
            if (target is not null)
                value.GetValues().CopyTo(target.AsSpan(row * Width));
        }
    }

    private sealed class InputRow
    {
        [VectorType(Width)]
        public float[] Features { get; set; } = new float[Width];
    }
}
