using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>What the golden file of a network says: its architecture, weights, inputs and outputs. Owns the inputs it gave.</summary>
public sealed class NetworkGolden(GoldenFile file, GoldenCase @case) : IDisposable
{
    // Outputs of order 1 in Float32: some roundings of the last operation, where the reference happened to have none.
    private const double LeastTolerance = 1e-6;

    private readonly List<Tensor> _inputs = [];

    /// <summary>The class of the reference, such as <c>UNet2DModel</c>.</summary>
    public string Architecture => @case["header"].GetProperty("source").GetProperty("functions")[0].GetString()!.Split('.')[0];

    /// <summary>The repository of the reference, such as <c>huggingface/diffusers</c>.</summary>
    public string Repository => @case["header"].GetProperty("source").Text("repo");

    /// <summary>The arguments of the reference's constructor.</summary>
    public JsonElement Config => @case.Config;

    /// <summary>The names of the outputs.</summary>
    public IEnumerable<string> Outputs => @case["outputs"].EnumerateObject().Select(output => output.Name);

    public bool Gives(string output) => @case["outputs"].Has(output);

    public bool Takes(string input) => @case.Json.Property("inputs").Has(input);

    /// <summary>The weights, in the reference's names.</summary>
    public Stream OpenWeights() => File.OpenRead(Path.Combine(Path.GetDirectoryName(file.FullPath)!, @case.Text("weights_file")));

    /// <summary>The sizes of an input.</summary>
    public int[] Sizes(string input) => [.. @case["inputs"].GetProperty(input).GetProperty("shape").Numbers().Select(size => (int)size)];

    /// <summary>An input, as Float32; not the caller's to dispose.</summary>
    public Tensor Input(string input)
    {
        var numbers = @case["inputs"].GetProperty(input).GetProperty("data").Numbers();
        var values = tensor([.. numbers.Select(number => (float)number)], [.. Sizes(input).Select(size => (long)size)]);
        _inputs.Add(values);
        return values;
    }

    /// <summary>The numbers of an output.</summary>
    public double[] Output(string output) => @case["outputs"].GetProperty(output).GetProperty("data").Numbers();

    /// <summary>Compares an output: to ten times what the reference itself lost in Float32, as kernels of another order of summation may.</summary>
    public void Compare(GoldenComparison comparison, string output, Tensor actual)
    {
        var expected = @case["outputs"].GetProperty(output);
        double lost = @case.Json.Property("f32_max_abs_diff").Number(output, 0);
        using var doubles = actual.detach().to(ScalarType.Float64).contiguous();
        comparison.Equal($"{output}, dimensions", [.. doubles.shape.Select(size => (double)size)], expected.GetProperty("shape").Numbers());
        comparison.Equal(output, doubles.data<double>().ToArray(), expected.GetProperty("data").Numbers(), Math.Max(10 * lost, LeastTolerance));
    }

    public void Dispose()
    {
        foreach (var input in _inputs)
            input.Dispose();
        _inputs.Clear();
    }
}
