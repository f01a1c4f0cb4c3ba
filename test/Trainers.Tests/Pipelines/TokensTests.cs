using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Sequences of tokens as conditions, from a column to samples.</summary>
[TestClass]
public class TokensTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Fit_CrossAttention_SamplesFollowTheirTokensAndSurviveTheModelFile()
    {
        var d = _ml.Diffusion();
        var network = new DiffusersUNet { Channels = [16], Layers = [1], Groups = 4, CrossHeads = [2], Down = [UNetStage.CrossAttention], Middle = UNetMiddle.CrossAttention };
        var chain = d.Transforms.NoiseSchedule("Picture", KnownSchedules.EdmSmallImages)
            .Append(d.Trainers.Denoiser("Picture", conditionColumn: "Tokens", options: new() { Network = network, Steps = 250, BatchSize = 16, Seed = 1 }))
            .Append(d.Transforms.Sampler("Sample", new() { Steps = 10 }));
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 128).Select(Row));
        using var model = chain.Fit(data);
        var queries = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 32).Select(Row));
        var samples = ViewChecks.Vectors(model.Transform(queries), "Sample");
        // Pictures are bright where their token says 1 and dark where it says −1, some 200 of 255 apart: those of a network that did not listen would be of both kinds for both.
        double bright = samples.Where((_, i) => IsBright(i)).Average(pixels => pixels.Average()), dark = samples.Where((_, i) => !IsBright(i)).Average(pixels => pixels.Average());
        Assert.IsGreaterThan(120, bright - dark);
        ViewChecks.SameValues(model.Transform(queries), EstimatorChecks.Reload(_ml, model, queries.Schema).Transform(queries));
    }

    private static bool IsBright(int row) => row % 2 == 0;

    // One token says what the picture is; the other, with another mark, says nothing. Either may come first, and sometimes the second is missing.
    private static TokenRow Row(int row)
    {
        float[] says = [IsBright(row) ? 1 : -1, 1, 0], other = row % 4 < 2 ? [(row % 5) - 2, 0, 1] : [float.NaN, 0, 0];
        var noise = new Random(row);
        return new TokenRow
        {
            Seed = row,
            Tokens = row % 3 == 0 ? [.. other, .. says] : [.. says, .. other],
            Picture = [.. Enumerable.Range(0, 16).Select(_ => (IsBright(row) ? 200f : 0) + 50 * noise.NextSingle())],
        };
    }

    private sealed class TokenRow
    {
        public int Seed { get; set; }

        [VectorType(1, 4, 4)]
        public float[] Picture { get; set; } = [];

        [VectorType(2, 3)]
        public float[] Tokens { get; set; } = [];
    }
}
