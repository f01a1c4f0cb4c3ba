// Trains a class-conditional diffusion model, saves it, loads it again with plain ML.NET and samples every class.
//   dotnet run -c Release --project docs/samples/Quickstart               coloured shapes made in code, two minutes on two cores
//   dotnet run -c Release --project docs/samples/Quickstart -- --help     own pictures, other settings
using Microsoft.ML;
using Quickstart;

return CommandLine.Invoke(args, settings =>
{
    var ml = new MLContext(settings.Seed);
    var output = new OutputFolder(settings.Output);
    string modelFile = settings.Model ?? output.File("model.zip");
    if (settings.Model is null)
        Training.Run(ml, settings, output, modelFile);
    Generation.Run(ml, settings, output, modelFile);
});
