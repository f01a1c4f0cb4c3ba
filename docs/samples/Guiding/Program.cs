// The snippet of docs/guidance.md, as a program: guides samples of the pictures in the folder "photos", whose subfolders are the labels.
//   dotnet run -c Release --project docs/samples/Guiding [-- MINUTES]
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Diffusion;
using Microsoft.ML.Diffusion.Transforms;

var budget = TimeSpan.FromMinutes(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 15);
var ml = new MLContext(seed: 1);
var d = ml.Diffusion();
IDataView photos = d.Data.LoadImages("photos", width: 32, height: 32);
IDataView noised = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(d.Transforms.NoiseSchedule("Pixels"))
    .Fit(photos).Transform(photos);

// <snippet>
var denoiser = d.Trainers.Denoiser("Pixels", conditionColumn: "Label", new() { TimeBudget = budget });
IDataView known = denoiser.Fit(noised).Transform(noised);                   // the trained denoiser, a column like others

var classifier = d.Trainers.NoisyClassifier("Pixels", "Label", new() { TimeBudget = budget }).Fit(noised);
var earlier = d.Trainers.Denoiser("Pixels", conditionColumn: "Label", new() { TimeBudget = budget / 8 }).Fit(noised);

var free = d.Transforms.ClassifierFreeGuidance(new ClassifierFreeGuidanceOptions
{
    Scale = 3,
    Interval = new LevelInterval(0.2, 5),                                   // where σ/α is in between; elsewhere one call a step
    Rescale = 0.5,
});
var byClassifier = d.Transforms.ClassifierGuidance(classifier, "Label", new() { Scale = 2 });
var fromEarlier = d.Transforms.Autoguidance(earlier, new() { Scale = 2 });
var both = free.Append(byClassifier);                                       // guidances stack, in any number

var guided = both.Append(d.Transforms.Sampler("Sample")).Fit(known);
d.Images.SaveGrid(guided.Transform(known), "Sample", "guided.png");
// </snippet>
d.Images.SaveGrid(fromEarlier.Append(d.Transforms.Sampler("Sample")).Fit(known).Transform(known), "Sample", "autoguided.png");
