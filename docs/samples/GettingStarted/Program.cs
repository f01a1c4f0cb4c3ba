// The snippets of docs/getting-started.md, as a program: learns from the pictures in the folder "photos" (a sub-folder for each class, here cat and dog).
//   dotnet run -c Release --project docs/samples/GettingStarted [-- MINUTES]
// <snippet>
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Diffusion;
using Microsoft.ML.Diffusion.Trainers;
using Microsoft.ML.Runtime;

var ml = new MLContext(seed: 1);
var d = ml.Diffusion();
double minutes = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 15;
// </snippet>

// <snippet>
using var enough = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    enough.Cancel();                                                                // Ctrl+C ends training; what was learned by then is kept, if there was a step
};
ml.Log += (_, e) =>
{
    if (e.Kind != ChannelMessageKind.Trace)
        Console.WriteLine(e.RawMessage);                                            // what is trained, how far it is, warnings
};

IDataView photos = d.Data.LoadImages("photos", width: 32, height: 32);
var options = new DenoiserTrainer.Options
{
    TimeBudget = TimeSpan.FromMinutes(minutes),
    ProgressInterval = 100,
    OnProgress = step => Console.WriteLine($"{step.Fraction:p0}, loss {step.SmoothedLoss:0.000}, {step.Remaining:mm\\:ss} left"),
    CancellationToken = enough.Token,
};
var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(d.Transforms.NoiseSchedule("Pixels"))
    .Append(d.Trainers.Denoiser("Pixels", conditionColumn: "Label", options))
    .Append(d.Transforms.ClassifierFreeGuidance(scale: 2))
    .Append(d.Transforms.Sampler("Sample"));
d.SaveGenerator(pipeline.Fit(photos), "model.zip");
// </snippet>

// <snippet>
ITransformer model = ml.Model.Load("model.zip", out _);
IDataView samples = model.Transform(d.Data.Rows("Label", ["cat", "dog"], countPerValue: 8, seed: Random.Shared.Next()));
d.Images.SaveGrid(samples, "Sample", "samples.png");
// </snippet>
