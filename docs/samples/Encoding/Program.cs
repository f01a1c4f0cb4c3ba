// The snippet of docs/classifiers.md, as a program: learns to classify and to encode the pictures in the folder "photos", whose subfolders are the labels, and guides samples by both.
//   dotnet run -c Release --project docs/samples/Encoding [-- MINUTES]
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Diffusion;

var budget = TimeSpan.FromMinutes(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 5);
var ml = new MLContext(seed: 1);
var d = ml.Diffusion();
var split = ml.Data.TrainTestSplit(d.Data.LoadImages("photos", width: 32, height: 32), testFraction: 0.2);

// <snippet>
var preparation = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(d.Transforms.NoiseSchedule("Pixels"))
    .Fit(split.TrainSet);                                                   // one noise schedule, and so one model space, for all
IDataView training = preparation.Transform(split.TrainSet), test = preparation.Transform(split.TestSet);

var classifier = d.Trainers.NoisyClassifier("Pixels", "Label", new() { TimeBudget = budget }).Fit(training, test);
var encoders = d.Trainers.Contrastive("Pixels", "Label", new() { TimeBudget = budget }).Fit(training, test);

IDataView scored = classifier.Transform(test);                              // PredictedLabel, Score: of the noised pictures
var metrics = ml.MulticlassClassification.Evaluate(scored, "Label");
IDataView vectors = encoders.Transform(test);                               // DataEmbedding, ConditionEmbedding: of length 1

var denoiser = d.Trainers.Denoiser("Pixels", options: new() { TimeBudget = budget }).Fit(training);     // knows no label
var guided = d.Transforms.ClassifierGuidance(classifier, "Label")           // or ClipGuidance(encoders, "Label")
    .Append(d.Transforms.Sampler("Sample"))
    .Fit(denoiser.Transform(test));
d.Images.SaveGrid(guided.Transform(denoiser.Transform(test)), "Sample", "guided.png");
// </snippet>
Console.WriteLine(FormattableString.Invariant($"Accuracy over all noise levels: {metrics.MicroAccuracy:p0}; vectors of {vectors.Schema["DataEmbedding"].Type}."));
var closer = d.Transforms.ClipGuidance(encoders, "Label").Append(d.Transforms.Sampler("Sample")).Fit(denoiser.Transform(test));
d.Images.SaveGrid(closer.Transform(denoiser.Transform(test)), "Sample", "closer.png");
