using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>What the golden file of a network says: its architecture, weights, inputs and outputs. Owns the inputs it gave.</summary>
public sealed class NetworkGolden(GoldenFile file, GoldenCase @case) : IDisposable
{
    private readonly List<Tensor> _inputs = [];
    private long? _terms;

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

    /// <summary>The terms of the sums of all layers: the rows of the weights, each one sum.</summary>
    public long Terms => _terms ??= CountTerms();

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

    /// <summary>Compares an output in Float32 with the reference's in double precision.</summary>
    public void Compare(GoldenComparison comparison, string output, Tensor actual)
    {
        var expected = @case["outputs"].GetProperty(output);
        double[] numbers = expected.GetProperty("data").Numbers();
        using var doubles = actual.detach().to(ScalarType.Float64).contiguous();
        comparison.Equal($"{output}, dimensions", [.. doubles.shape.Select(size => (double)size)], expected.GetProperty("shape").Numbers());
        comparison.Within(output, doubles.data<double>().ToArray(), numbers, ToleranceOf(output));
    }

    /// <summary>How far a Float32 result may lie from the reference's.</summary>
    public double ToleranceOf(string output)
        => Float32Tolerance.OfDrift(@case.Json.Property("f32_max_abs_diff").Number(output, 0), Terms, Output(output).Max(Math.Abs));

    private long CountTerms()
    {
        using var weights = OpenWeights();
        return new SafetensorsReader(weights).Entries.Where(entry => entry.Shape.Count > 1).Sum(entry => entry.Shape.Skip(1).Aggregate(1L, (product, size) => product * size));
    }

    public void Dispose()
    {
        foreach (var input in _inputs)
            input.Dispose();
        _inputs.Clear();
    }
}
