// The snippet of README.md in F#.
//   dotnet run -c Release --project docs/samples/FirstModel.FSharp [-- MINUTES]
open System
open System.Globalization
open Microsoft.ML
open Microsoft.ML.Data
open Microsoft.ML.Diffusion
open Microsoft.ML.Diffusion.Trainers

let arguments = Environment.GetCommandLineArgs()
let minutes = if arguments.Length > 1 then Double.Parse(arguments[1], CultureInfo.InvariantCulture) else 15.0

let ml = MLContext(seed = Nullable 1)
let d = ml.Diffusion()

let photos = d.Data.LoadImages("photos", width = 32, height = 32)
let options = DenoiserTrainer.Options(TimeBudget = Nullable(TimeSpan.FromMinutes minutes))

let pipeline =
    EstimatorChain()
        .Append(ml.Transforms.Conversion.MapValueToKey "Label")
        .Append(d.Transforms.NoiseSchedule "Pixels")
        .Append(d.Trainers.Denoiser("Pixels", conditionColumn = "Label", options = options))
        .Append(d.Transforms.ClassifierFreeGuidance(scale = 2.0))
        .Append(d.Transforms.Sampler "Sample")

d.SaveGenerator(pipeline.Fit photos, "model.zip")

let model, _ = ml.Model.Load "model.zip"
let samples = model.Transform(d.Data.Rows("Label", [| "cat"; "dog" |], countPerValue = 8))
d.Images.SaveGrid(samples, "Sample", "samples.png")
