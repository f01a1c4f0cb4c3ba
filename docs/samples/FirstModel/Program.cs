// The snippet of README.md, as a program: learns from the pictures in the folder "photos" (a sub-folder for each class, here cat and dog).
//   dotnet run -c Release --project docs/samples/FirstModel [-- MINUTES]
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Diffusion;

var budget = TimeSpan.FromMinutes(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 15);

// <snippet>
var ml = new MLContext(seed: 1);
var d = ml.Diffusion();

IDataView photos = d.Data.LoadImages("photos", width: 32, height: 32);      // Label: the sub-folder; Pixels: [3, 32, 32]
var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(d.Transforms.NoiseSchedule("Pixels"))                           // how data is destroyed
    .Append(d.Trainers.Denoiser("Pixels", conditionColumn: "Label", new() { TimeBudget = budget }))
    .Append(d.Transforms.ClassifierFreeGuidance(scale: 2))                  // bends the denoiser towards the class
    .Append(d.Transforms.Sampler("Sample"));                                // walks from noise to data
d.SaveGenerator(pipeline.Fit(photos), "model.zip");

ITransformer model = ml.Model.Load("model.zip", out _);                     // in any ML.NET app: no registration, no training package
IDataView samples = model.Transform(d.Data.Rows("Label", ["cat", "dog"], countPerValue: 8));
d.Images.SaveGrid(samples, "Sample", "samples.png");
// </snippet>
