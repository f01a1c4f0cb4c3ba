using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.ML.Diffusion.TestSupport.Golden;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Tolerances with room for other processors must still notice a fault: weights that are wrong by a thousandth of themselves.</summary>
[TestClass]
public sealed class GoldenMutationTests
{
    private const double Fault = 1e-3;

    // One in three of the matrices: all of them take 15 seconds.
    private const int Stride = 3;

    public static IEnumerable<object[]> Networks => Directory.EnumerateFiles(Path.Combine(GoldenFolder.Path, "networks"), "*.safetensors").Select(Path.GetFileNameWithoutExtension)
        .Where(name => GoldenFile.Read(Description(name!)).Root.TryGetProperty("config", out _)).Order(StringComparer.Ordinal).Select(name => new object[] { name! });

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Networks))]
    public void Run_WeightsWrongByAThousandth_IsAMismatch(string network)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("golden-");
        try
        {
            File.Copy(Description(network), Path.Combine(folder.FullName, network + ".json"));
            string weights = Path.Combine(folder.FullName, network + ".safetensors");
            byte[] original = File.ReadAllBytes(Path.ChangeExtension(Description(network), ".safetensors"));
            File.WriteAllBytes(weights, original);
            var file = GoldenFile.Read(Path.Combine(folder.FullName, network + ".json"));
            Assert.IsEmpty(GoldenRunner.Run(file).Mismatches);

            List<string> tried = [], noticed = [];
            foreach (var (name, first, count) in Matrices(original).Where((_, i) => i % Stride == 0))
            {
                byte[] changed = [.. original];
                foreach (ref float value in MemoryMarshal.Cast<byte, float>(changed.AsSpan(first, count)))
                    value *= (float)(1 + Fault);
                File.WriteAllBytes(weights, changed);
                tried.Add(name);
                if (GoldenRunner.Run(file).Mismatches.Count > 0)
                    noticed.Add(name);
            }
            // Of a convolution before a norm the factor drops out again, and the library computes filters and places itself: of all matrices, 62 % (the U-Net of lucidrains) to 100 % are noticed.
            Assert.IsGreaterThanOrEqualTo(tried.Count / 2, noticed.Count, $"unnoticed: {string.Join(", ", tried.Except(noticed))}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // The rows of numbers of weights that are multiplied with something, as bytes of the file.
    private static IEnumerable<(string Name, int First, int Count)> Matrices(byte[] file)
    {
        int offset = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        foreach (var entry in new SafetensorsReader(new MemoryStream(file)).Entries)
        {
            if (entry.Shape.Count > 1)
                yield return (entry.Name, offset, (int)entry.ByteCount);
            offset += (int)entry.ByteCount;
        }
    }

    private static string Description(string network) => Path.Combine(GoldenFolder.Path, "networks", network + ".json");
}
