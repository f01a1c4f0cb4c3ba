using System.Text.Json;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Well-formed and malformed files from the format's own tests.</summary>
[TestClass]
public class SafetensorsRealFilesTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("RealData")]
    public void Read_FilesOfTheManifest_OkOnesReadAndOthersRefused()
    {
        string folder = SharedFolder.Find("data/safetensors");
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json")));
        var wrong = new List<string>();
        foreach (var item in manifest.RootElement.EnumerateArray())
        {
            string file = item.GetProperty("file").GetString()!;
            bool expected = item.GetProperty("expect").GetString()!.StartsWith("ok", StringComparison.Ordinal);
            string? reason = Refusal(Path.Combine(folder, file));
            TestContext.WriteLine($"{file}: {reason ?? "read"}");
            if (expected != reason is null)
                wrong.Add(file);
        }
        Assert.IsEmpty(wrong, string.Join(", ", wrong));
    }

    [TestMethod]
    [TestCategory("RealData")]
    public void Read_HeaderInAnotherOrderThanTheData_EachTensorHasItsOwn()
    {
        using var stream = File.OpenRead(Path.Combine(SharedFolder.Find("data/safetensors"), "ok_header_order_differs_from_offsets.safetensors"));
        var reader = new SafetensorsReader(stream);
        var tensors = new Dictionary<string, float[]>();
        while (reader.Next())
        {
            var values = new float[reader.Current!.Count];
            reader.ReadSingle(values);
            tensors.Add(reader.Current.Name, values);
        }
        Assert.AreSequenceEqual(new float[] { 1, 2 }, tensors["a"]);
        Assert.AreSequenceEqual(new float[] { 3, 4 }, tensors["b"]);
    }

    private static string? Refusal(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var reader = new SafetensorsReader(stream);
            var bytes = new byte[1024];
            while (reader.Next())
                reader.ReadBytes(bytes.AsSpan(0, (int)Math.Min(bytes.Length, reader.Current!.ByteCount)));
            return null;
        }
        catch (InvalidDataException exception)
        {
            return exception.Message;
        }
    }
}
