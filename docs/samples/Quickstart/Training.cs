using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion;
using Microsoft.ML.Transforms;

namespace Quickstart;

/// <summary>Trains a model and saves it.</summary>
internal static class Training
{
    public static void Run(MLContext ml, Settings settings, OutputFolder output, string modelFile)
    {
        var d = ml.Diffusion();
        IDataView pictures = TrainingData.Load(ml, settings);
        string[] classes = TrainingData.Labels(pictures);
        Console.WriteLine($"{pictures.GetRowCount()} pictures {pictures.Schema["Pixels"].Type} of {classes.Length} classes: {string.Join(", ", classes)}");

        UNet network = Network(pictures);
        // EDM with the training noise that suits small pictures.
        NoiseSchedule schedule = KnownSchedules.EdmSmallImages;
        ForwardPictures.Save(d, pictures, schedule, output.File("forward.png"));

        var progress = new ConsoleProgress();
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(d.Transforms.NoiseSchedule("Pixels", schedule))
            .Append(d.Trainers.Denoiser("Pixels", conditionColumn: "Label", new()
            {
                Network = network,
                BatchSize = 32,
                Steps = settings.Steps,
                TimeBudget = settings.Time,
                Progress = progress,
            }))
            .Append(d.Transforms.ClassifierFreeGuidance(scaleColumn: "Guidance"))
            .Append(d.Transforms.Sampler("Sample", new() { Solver = KnownSolvers.DpmSolverPlusPlus2M, Steps = 20, SeedColumn = "Seed" }));

        ITransformer model = pipeline.Fit(pictures);
        progress.Finish();
        d.Images.SaveLossPlot(progress.Losses, output.File("loss.png"));
        d.SaveGenerator(model, modelFile);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Saved {modelFile}, {new FileInfo(modelFile).Length / 1e6:0.0} MB"));
    }

    // Takes 2 × 2 pixels as one, which is four times as fast, where the size allows.
    private static UNet Network(IDataView pictures)
    {
        var shape = new DataShape([.. ((VectorDataViewType)pictures.Schema["Pixels"].Type).Dimensions]);
        UNet network = shape.Dimensions.Skip(1).All(size => size % UNet.Small.PatchSize == 0) ? UNet.Small : new UNet();
        try
        {
            network.Validate(shape);
        }
        catch (ArgumentException exception)
        {
            throw new UserException($"Pictures of {shape} can not be trained on: {exception.Message}", exception);
        }
        return network;
    }
}
