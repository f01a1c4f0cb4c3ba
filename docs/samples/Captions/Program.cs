// Pictures from captions such as "a red circle at the top left": draws its own training data, trains a text encoder and a denoiser together, and measures how often samples show what was asked for.
// Five minutes on two cores.
//   dotnet run -c Release --project docs/samples/Captions [-- MINUTES]
using System.Globalization;
using Captions;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion;

var budget = TimeSpan.FromMinutes(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 4);
var ml = new MLContext(seed: 1);
var d = ml.Diffusion();
// How training does, ten times.
ml.Log += (_, e) =>
{
    if (e.Source == "DenoiserTrainer; Train" && e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Info)
        Console.WriteLine(e.RawMessage);
};

// One caption of ten is never trained on: its words are, in other captions.
var random = new Random(1);
var all = CaptionedPicture.All;
var unseen = all.Where((_, i) => i % 10 == 3).ToArray();
var seen = all.Except(unseen).ToArray();
IDataView pictures = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 6000).Select(_ => CaptionedPicture.Random(seen[random.Next(seen.Length)], random)).ToArray());

// <snippet>
var pipeline = d.Transforms.TokenizeText("Tokens", "Caption")               // a red circle -> keys, of the words of the captions
    .Append(d.Transforms.NoiseSchedule("Pixels"))
    .Append(d.Trainers.Denoiser("Pixels", "Tokens", new() { TimeBudget = budget, BatchSize = 32 }))     // with a text encoder, trained together
    .Append(d.Transforms.ClassifierFreeGuidance(scale: 2))
    .Append(d.Transforms.Sampler("Sample"));
d.SaveGenerator(pipeline.Fit(pictures), "captions.zip");

ITransformer model = ml.Model.Load("captions.zip", out _);
IDataView samples = model.Transform(d.Data.Rows("Caption", ["a red circle at the top left", "a blue square at the centre"], countPerValue: 4));
d.Images.SaveGrid(samples, "Sample", "captions.png");
// </snippet>

var judge = new Judge();
var real = Enumerable.Range(0, 1000).Select(_ => seen[random.Next(seen.Length)]).Select(shown => (CaptionedPicture.Random(shown, random).Pixels, shown)).ToArray();
Console.WriteLine($"The judge on drawings:   {judge.Rate(real)}");
Console.WriteLine($"Captions of training:    {judge.Rate(Sample(seen))}");
Console.WriteLine($"Captions never seen:     {judge.Rate(Sample(unseen))}");
Console.WriteLine(FormattableString.Invariant($"By chance:               colour {1.0 / CaptionedPicture.Colours.Length:p0}, shape {1.0 / CaptionedPicture.Shapes.Length:p0}, place {1.0 / CaptionedPicture.Places.Length:p0}, all three {1.0 / all.Length:p0}"));

// Four samples of each caption.
(float[], (int, int, int))[] Sample((int Colour, int Shape, int Place)[] captions)
{
    const int Count = 4;
    var rows = model.Transform(d.Data.Rows("Caption", captions.Select(CaptionedPicture.Describe).ToArray(), Count));
    return [.. rows.GetColumn<float[]>("Sample").Select((pixels, i) => (pixels, captions[i / Count]))];
}
