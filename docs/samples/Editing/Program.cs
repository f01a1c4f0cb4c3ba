// The snippet of docs/editing.md, as a program: edits the pictures in the folder "photos" with a model of them.
//   dotnet run -c Release --project docs/samples/Editing [-- MINUTES]
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Diffusion;

var budget = TimeSpan.FromMinutes(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 15);
var ml = new MLContext(seed: 1);
var d = ml.Diffusion();
IDataView photos = d.Data.LoadImages("photos", width: 32, height: 32);
var training = ml.Transforms.Expression("Mask", "x => x > 200 ? 1f : 0f", "Pixels")     // what is nearly white is to be filled
    .Append(ml.Transforms.Expression("Weight", "label => 0.5f", "Label"))
    .Append(ml.Transforms.Conversion.MapValueToKey("Label"))
    .Append(d.Transforms.NoiseSchedule("Pixels"))
    .Append(d.Trainers.Denoiser("Pixels", conditionColumn: "Label", new() { TimeBudget = budget }));

// <snippet>
IDataView known = training.Fit(photos).Transform(photos);                           // Pixels, Mask, Weight, and the trained denoiser

var edits = d.Transforms.ImageToImage("Varied", "Pixels", new() { Strength = 0.6 })
    .Append(d.Transforms.Inpaint("Filled", "Pixels", "Mask", new() { Resampling = new(length: 10, count: 2) }))
    .Append(d.Transforms.Interpolate("Between", "Pixels", "Filled", "Weight"))
    .Append(d.Transforms.Invert("Latent", "Pixels"))                                // to noise,
    .Append(d.Transforms.Sampler("Back", new() { Solver = KnownSolvers.Ddim, LatentColumn = "Latent" }));   // and back

IDataView edited = edits.Fit(known).Transform(known);                               // computed where it is read
d.Images.SaveGrid(edited, "Filled", "filled.png");
// </snippet>
foreach (string column in new[] { "Varied", "Between", "Back" })
    d.Images.SaveGrid(edited, column, $"{column.ToLowerInvariant()}.png");
