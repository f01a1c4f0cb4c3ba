using System.Text.Json;
using Microsoft.ML.Diffusion.TestSupport.Golden;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Files of many types, with their numbers listed beside them.</summary>
[TestClass]
public sealed class SafetensorsGoldenTests
{
    [TestMethod]
    [TestCategory("Golden")]
    public void Read_FilesWithListedNumbers_TheSameNumbers()
    {
        int tensors = 0;
        foreach (string path in GoldenFolder.Files)
        {
            string weights = Path.ChangeExtension(path, ".safetensors");
            var listed = GoldenFile.Read(path).Root.Property("tensors");
            if (listed.ValueKind != JsonValueKind.Object || !listed.EnumerateObject().Any() || !File.Exists(weights))
                continue;
            using var file = SafetensorsFile.Open(weights);
            Assert.AreSequenceEqual(listed.EnumerateObject().Select(item => item.Name).Order(StringComparer.Ordinal), file.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
            foreach (var item in listed.EnumerateObject())
            {
                var entry = file.Find(item.Name)!;
                Assert.AreEqual(item.Value.Text("dtype"), entry.Type.Code);
                Assert.AreSequenceEqual(item.Value.GetProperty("shape").Numbers(), entry.Shape.Select(size => (double)size));
                using var tensor = file.Read(item.Name);
                Assert.AreSequenceEqual(entry.Shape, tensor.shape);
                using var doubles = tensor.to(ScalarType.Float64);
                var expected = item.Value.GetProperty("values").EnumerateArray().Select(value => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? (value.GetBoolean() ? 1 : 0) : value.ToNumber());
                Assert.AreSequenceEqual(expected.ToArray(), entry.Count == 0 ? [] : doubles.data<double>().ToArray(), item.Name);
                tensors++;
            }
        }
        Console.WriteLine($"{tensors} tensors compared");
        if (tensors == 0)
            Assert.Inconclusive($"No golden file in '{GoldenFolder.Path}' lists the tensors of a safetensors file.");
    }
}
