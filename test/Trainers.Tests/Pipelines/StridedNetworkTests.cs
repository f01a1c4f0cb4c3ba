using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Networks whose numbers do not lie in order: answers that are views, parameters that are.</summary>
[TestClass]
public sealed class StridedNetworkTests
{
    private static readonly float[] Weights = [.. Enumerable.Range(0, 16).Select(i => MathF.Sin(i) / 2)];
    private static readonly float[] Transposed = [.. Enumerable.Range(0, 16).Select(i => Weights[(i % 4 * 4) + (i / 4)])];

    private readonly MLContext _ml = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("strided-");

    [ClassInitialize]
    public static void Register(TestContext context) => Kinds.Register<Network, TurningNetwork>("turning");

    [TestCleanup]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("torch.transpose(h, 2, 3)")]
    [DataRow("torch.slice(torch.cat([h, x], 1), 1, 0, 2, 2)")]
    [DataRow("torch.slice(torch.pad(h, [0, 3]), 3, 0, 4, 1)")]
    [DataRow("torch.permute(h, [0, 1, 3, 2])")]
    [DataRow("torch.expand(torch.mean(h, [3], True), [-1, -1, -1, 4])")]
    public void Everything_OfAnAnswerThatIsAView_IsThatOfTheSameInOrder(string view)
        => AssertSame(Run(Script(view)), Run(Script($"torch.contiguous({view})")));

    [TestMethod]
    public void Everything_OfAParameterThatIsATransposedView_IsThatOfTheSameInOrder()
        => AssertSame(Run(Script("torch.neg(h)", turned: true)), Run(Script("torch.neg(h)")));

    [TestMethod]
    public void Everything_OfAnOwnNetworkThatEndsInAView_IsThatOfTheSameInOrder() => AssertSame(Run(new TurningNetwork()), Run(new TurningNetwork { IsInOrder = true }));

    private static void AssertSame(Dictionary<string, byte[]> actual, Dictionary<string, byte[]> expected)
    {
        Assert.AreSequenceEqual(expected.Keys.ToArray(), actual.Keys.ToArray());
        foreach (var (what, bytes) in expected)
            Assert.AreSequenceEqual(bytes, actual[what], what);
        Assert.HasCount(4, expected.Keys.Select(what => what.Split(' ')[0]).Distinct().ToArray());
    }

    private static TorchScriptNetwork Script(string answer, bool turned = false)
        => new(new TorchScriptArchive().Add("w", turned ? Transposed : Weights, [4, 4], strides: turned ? [1, 4] : null).Write("x: Tensor, level: Tensor", "h = torch.matmul(x, self.w)", $"return {answer}"));

    // Trained for a few steps, loaded again, and then all that leaves it.
    private Dictionary<string, byte[]> Run(Network network)
    {
        var d = _ml.Diffusion();
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 16).Select(i => new Tile { Pixels = [.. Enumerable.Range(0, 16).Select(j => 127.5f + (127 * MathF.Sin(i + (3 * j))))] }));
        using var folder = new TemporaryDirectory(_folder);
        using var fitted = d.Transforms.NoiseSchedule("Pixels")
            .Append(d.Trainers.Denoiser("Pixels", options: new() { Network = network, Steps = 3, BatchSize = 8, Precision = Precision.Float32 }))
            .Append(d.Transforms.Sampler("Sample", new() { Steps = 3, BatchSize = 8 }))
            .Append(d.Transforms.LogLikelihood("Density", "Pixels", new() { BatchSize = 8 })).Fit(data);
        _ml.Model.Save(fitted, data.Schema, folder.File("model.zip"));
        using var consent = TorchScriptConsent.AllowInModels();
        var model = _ml.Model.Load(folder.File("model.zip"), out _);
        using var owned = model as IDisposable;
        var scored = model.Transform(data);
        d.SaveWeights(model, folder.File("weights.safetensors"));
        var results = new Dictionary<string, byte[]>
        {
            ["samples"] = Bytes(scored.GetColumn<float[]>("Sample").SelectMany(sample => sample)),
            ["densities"] = Bytes(scored.GetColumn<float>("Density")),
            ["weights"] = File.ReadAllBytes(folder.File("weights.safetensors")),
        };
        foreach (string path in d.Images.SavePictures(scored, "Sample", folder.File("pictures")))
            results.Add($"pictures {Path.GetFileName(path)}", File.ReadAllBytes(path));
        Assert.AreSequenceEqual(results["samples"], Bytes(fitted.Transform(data).GetColumn<float[]>("Sample").SelectMany(sample => sample)), "before it was saved");
        return results;
    }

    private static byte[] Bytes(IEnumerable<float> values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private sealed class TemporaryDirectory(DirectoryInfo parent) : IDisposable
    {
        private readonly DirectoryInfo _folder = parent.CreateSubdirectory(Guid.NewGuid().ToString("n"));

        public string File(string name) => Path.Combine(_folder.FullName, name);

        public void Dispose() => _folder.Delete(recursive: true);
    }

    private sealed class Tile
    {
        [VectorType(1, 4, 4)]
        public float[] Pixels { get; set; } = [];
    }
}
