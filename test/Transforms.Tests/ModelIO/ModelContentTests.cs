using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Model files whose sums are right and whose content is not: each is refused as damaged, at little cost, or is possible.</summary>
[TestClass]
public sealed class ModelContentTests
{
    private const long Budget = 64_000_000;

    private static readonly MLContext Ml = new(1);

    private static readonly Lazy<byte[][]> Files = new(() => [.. Pipelines().Select(pipeline => Save(pipeline))]);

    [TestMethod]
    public void Load_AnyMemberOfAConfigurationMissing_IsPossibleOrDamaged()
    {
        int refused = 0;
        Each((json, path) => JsonLeaves.Without(json, path), ref refused);
        Assert.IsGreaterThan(20, refused);
    }

    [TestMethod]
    public void Load_AnyMemberOfAConfigurationNull_IsPossibleOrDamaged()
    {
        int refused = 0;
        Each((json, path) => JsonLeaves.With(json, path, null), ref refused);
        Assert.IsGreaterThan(20, refused);
    }

    [TestMethod]
    public void Load_AnyElementOfAListNull_IsPossibleOrDamaged()
    {
        foreach (var (file, stream, json) in Configurations())
            foreach (var (path, _) in JsonLeaves.Of(JsonNode.Parse(json)).Where(leaf => leaf.Path[^1] is int))
                IsRefused(file, stream, JsonLeaves.With(json, path, null));
    }

    [TestMethod]
    public void Load_ContentChangedAtRandom_IsPossibleOrDamaged()
    {
        // Of a seed, so that what fails once fails again.
        var random = new Random(12);
        var configurations = Configurations().ToArray();
        int refused = 0;
        for (int round = 0; round < 200; round++)
        {
            var (file, stream, json) = configurations[random.Next(configurations.Length)];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                var leaves = JsonLeaves.Of(JsonNode.Parse(json)).Select(leaf => leaf.Path).ToArray();
                json = JsonLeaves.With(json, leaves[random.Next(leaves.Length)], Another(random));
            }
            if (IsRefused(file, stream, json))
                refused++;
        }
        Assert.IsGreaterThan(50, refused);
    }

    [TestMethod]
    [DataRow(int.MaxValue)]
    [DataRow(int.MinValue)]
    [DataRow(-1)]
    [DataRow(1000)]
    [DataRow(3)]
    public void Load_ListOfStreamsClaimsACount_IsDamagedAtLittleCost(int count)
    {
        byte[] file = Files.Value[0];
        byte[] changed = SealedModel.WithList(file, SealedModel.Configurations(file)[0], list =>
        {
            BinaryPrimitives.WriteInt32LittleEndian(list, count);
            return list;
        });
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.IsNotNull(Refusal(changed));
        Assert.IsLessThan(Budget, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Pipelines have parts in common.
    private static IEnumerable<(byte[] File, string Stream, string Json)> Configurations()
        => Files.Value.SelectMany(file => SealedModel.Configurations(file), (file, stream) => (file, stream, Json(file, stream))).DistinctBy(one => one.Item3);

    private static string Json(byte[] file, string stream) => Encoding.UTF8.GetString(SealedModel.Read(file, stream));

    // Of each kind of transformer that this assembly makes without training.
    private static IEnumerable<IEstimator<ITransformer>> Pipelines()
    {
        var ml = new MLContext(1);
        var d = ml.Diffusion();
        yield return TestPipelines.Conditional(ml, new() { Steps = 2, Solver = new RecurrentSolver(KnownSolvers.Ddim, 2), Spacing = new KarrasSpacing(5) });
        yield return TestPipelines.Denoiser(ml).Append(d.Transforms.LogLikelihood("Likelihood", "X"));
        yield return TestPipelines.Unconditional(ml, new() { Solver = KnownSolvers.DpmAdaptive });
        var weaker = TestPipelines.Denoiser(ml).Fit(Point.Load(ml, 10));
        yield return TestPipelines.Denoiser(ml).Append(d.Transforms.Autoguidance(weaker, new() { Scale = 3 })).Append(d.Transforms.Sampler("Sample", new() { Steps = 2 }));
        yield return d.Transforms.TokenizeText("Tokens", "Label");
    }

    private static byte[] Save(IEstimator<ITransformer> pipeline)
    {
        var ml = new MLContext(1);
        var model = pipeline.Fit(Point.Load(ml, 10));
        using var owned = model as IDisposable;
        using var stream = new MemoryStream();
        ml.Diffusion().SaveModel(model, Point.Load(ml, 1).Schema, stream);
        return stream.ToArray();
    }

    private static void Each(Func<string, IReadOnlyList<object>, string> change, ref int refused)
    {
        foreach (var (file, stream, json) in Configurations())
            foreach (var path in JsonLeaves.Members(JsonNode.Parse(json)))
                if (IsRefused(file, stream, change(json, path)))
                    refused++;
    }

    private static JsonNode? Another(Random random) => random.Next(8) switch
    {
        0 => null,
        1 => JsonValue.Create(0),
        2 => JsonValue.Create(-1),
        3 => JsonValue.Create(int.MaxValue),
        4 => JsonValue.Create(1e308),
        5 => JsonValue.Create("NaN"),
        6 => new JsonArray(1, null, "x"),
        _ => new JsonObject { ["kind"] = "linear", ["steps"] = 3 },
    };

    private static bool IsRefused(byte[] file, string stream, string json)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Refusal(SealedModel.With(file, stream, Encoding.UTF8.GetBytes(json)));
        Assert.IsLessThan(Budget, GC.GetAllocatedBytesForCurrentThread() - before, $"{stream}: {json}");
        if (refusal is null)
            return false;
        // Where a kind was changed, the program may be too old for it.
        Assert.IsTrue(refusal.Contains("damaged", StringComparison.Ordinal) || refusal.Contains("does not know", StringComparison.Ordinal), $"{refusal}\n{stream}: {json}");
        return true;
    }

    // What loading, or binding to rows, says; null where it goes well.
    private static string? Refusal(byte[] file)
    {
        ITransformer model;
        try
        {
            model = Ml.Model.Load(new MemoryStream(file), out _);
        }
        catch (Exception exception)
        {
            var cause = exception;
            while (cause is not null and not FormatException)
                cause = cause.InnerException;
            return cause?.Message ?? $"not as damaged, but: {exception}".Replace("damaged", "told", StringComparison.Ordinal);
        }
        using var owned = model as IDisposable;
        try
        {
            model.GetOutputSchema(Point.Load(Ml, 1).Schema);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // Columns of other names, for example.
        }
        return null;
    }
}
