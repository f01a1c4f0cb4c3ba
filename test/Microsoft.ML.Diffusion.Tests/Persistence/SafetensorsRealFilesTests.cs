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
            if (reason?.Contains(file, StringComparison.Ordinal) == false || expected != reason is null)
                wrong.Add(file);
        }
        Assert.IsEmpty(wrong, string.Join(", ", wrong));
    }

    [TestMethod]
    [TestCategory("RealData")]
    public void Read_HeaderInAnotherOrderThanTheData_EachTensorHasItsOwn()
    {
        using var file = SafetensorsFile.Open(Path.Combine(SharedFolder.Find("data/safetensors"), "ok_header_order_differs_from_offsets.safetensors"));
        using var a = file.Read("a");
        using var b = file.Read("b");
        Assert.AreSequenceEqual(new byte[] { 1, 2 }, a.data<byte>().ToArray());
        Assert.AreSequenceEqual(new byte[] { 3, 4 }, b.data<byte>().ToArray());
    }

    [TestMethod]
    [TestCategory("RealData")]
    public void Write_WhatAnotherWriterWrote_SameBytes()
    {
        string[] files = Directory.GetFiles(SharedFolder.Find("golden/networks"), "*.safetensors");
        Assert.IsNotEmpty(files);
        foreach (string path in files)
        {
            byte[] expected = File.ReadAllBytes(path);
            var reader = new SafetensorsReader(new MemoryStream(expected));
            using var written = new MemoryStream();
            var writer = new SafetensorsWriter(written, reader.Entries, reader.Metadata);
            while (reader.Next())
            {
                var bytes = new byte[reader.Current!.ByteCount];
                reader.ReadBytes(bytes);
                writer.Write(bytes);
            }
            writer.Complete();
            Assert.IsTrue(expected.AsSpan().SequenceEqual(written.ToArray()), path);
        }
    }

    private static string? Refusal(string path)
    {
        try
        {
            using var file = SafetensorsFile.Open(path);
            foreach (var entry in file.Entries)
                file.Read(entry.Name).Dispose();
            return null;
        }
        catch (InvalidDataException exception)
        {
            return exception.Message;
        }
    }
}
