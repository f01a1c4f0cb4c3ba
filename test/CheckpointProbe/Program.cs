// Trains, resuming from the checkpoints of a folder, and saves the model: a test kills it on the way and compares the model with that of a run in one go.
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion;
using Microsoft.ML.Diffusion.Trainers;

if (args.Length is not (2 or 3))
{
    Console.Error.WriteLine("usage: CheckpointProbe <steps> <model.zip> [folder of checkpoints]");
    return 2;
}

var ml = new MLContext(seed: 1);
var d = ml.Diffusion();
var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 500).Select(i => new Row { Point = [MathF.Sin(i), MathF.Cos(3 * i)], Even = i % 2 == 0 }));
var options = new DenoiserTrainer.Options
{
    Steps = int.Parse(args[0], CultureInfo.InvariantCulture),
    Network = new ResidualMlp { Width = 64, Blocks = 2 },
    Precision = Precision.Float32,
    Checkpoint = args.Length == 3 ? new(args[2]) { Every = 7, Keep = 3, Resume = true } : null,
};
var model = d.Transforms.NoiseSchedule("Point").Append(d.Trainers.Denoiser("Point", "Even", options)).Fit(data);
ml.Model.Save(model, data.Schema, args[1]);
return 0;

internal sealed class Row
{
    [VectorType(2)]
    public float[] Point { get; set; } = [];

    public bool Even { get; set; }
}
