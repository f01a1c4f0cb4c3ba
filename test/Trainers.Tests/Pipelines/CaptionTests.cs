using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>Texts as conditions, from a column of captions to samples that show what they say.</summary>
[TestClass]
public class CaptionTests
{
    private static readonly (string Name, float[] Rgb)[] Colours = [("red", [230, 20, 20]), ("green", [20, 230, 20]), ("blue", [20, 20, 230])];

    private static readonly string[] Sides = ["left", "right"];

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Fit_Captions_SteerSamples()
    {
        var d = _ml.Diffusion();
        // 3×4×4: one half of the picture in the colour that the caption says.
        var network = new TextConditionedNetwork(new UNet { Channels = 16, Groups = 4, Multipliers = [1], MiddleAttention = false }, new TokenEncoder { Width = 16, Heads = 2, Depth = 1 });
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 192).Select(Row));
        using var model = d.Transforms.TokenizeText("Tokens", "Caption")
            .Append(d.Transforms.NoiseSchedule("Picture"))
            .Append(d.Trainers.Denoiser("Picture", "Tokens", new() { Network = network, Steps = 400, BatchSize = 16, LearningRate = 4e-3, Seed = 1 }))
            .Append(d.Transforms.ClassifierFreeGuidance(scale: 2))
            .Append(d.Transforms.Sampler("Sample", new() { Steps = 10 }))
            .Fit(data);
        var queries = _ml.Data.LoadFromEnumerable(Enumerable.Range(1000, 60).Select(Row));
        float[][] samples = ViewChecks.Vectors(model.Transform(queries), "Sample");
        int right = samples.Where((pixels, i) => Look(pixels) == Shown(1000 + i)).Count();
        // Ten by chance; five standard deviations of that are 15.
        Assert.IsGreaterThan(45, right);
        ViewChecks.SameValues(model.Transform(queries), EstimatorChecks.Reload(_ml, model, queries.Schema).Transform(queries));
    }

    private static (int Colour, int Side) Shown(int row) => (row % 3, row / 3 % 2);

    // The brightest channel of the brighter half.
    private static (int Colour, int Side) Look(float[] pixels)
    {
        double Mean(int channel, int side) => Enumerable.Range(0, 16).Where(i => i % 4 / 2 == side).Average(i => pixels[16 * channel + i]);
        int side = Enumerable.Range(0, 2).MaxBy(side => Enumerable.Range(0, 3).Sum(channel => Mean(channel, side)));
        return (Enumerable.Range(0, 3).MaxBy(channel => Mean(channel, side)), side);
    }

    private static CaptionRow Row(int row)
    {
        var (colour, side) = Shown(row);
        var noise = new Random(row);
        string name = Colours[colour].Name, place = Sides[side];
        return new CaptionRow
        {
            Seed = row,
            Caption = row % 2 == 0 ? $"The {place} is {name}." : $"{name} at the {place}",
            Picture = [.. Enumerable.Range(0, 48).Select(i => (i % 4 / 2 == side ? Colours[colour].Rgb[i / 16] : 20) + 20 * noise.NextSingle())],
        };
    }

    private sealed class CaptionRow
    {
        public int Seed { get; set; }

        public string Caption { get; set; } = "";

        [VectorType(3, 4, 4)]
        public float[] Picture { get; set; } = [];
    }
}
