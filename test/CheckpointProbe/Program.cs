// Trains, resuming from the checkpoints of a folder, and saves the model: a test kills it on the way and compares the model with that of a run in one go.
// With a fourth argument the folder is a small disk of its own: it is full for a part of the run, and again while the model is saved there.
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Diffusion;
using Microsoft.ML.Diffusion.CheckpointProbe;
using Microsoft.ML.Diffusion.Trainers;

if (args.Length is < 2 or > 4)
{
    Console.Error.WriteLine("usage: CheckpointProbe <steps> <model.zip> [folder of checkpoints and metrics [disk]]");
    return 2;
}

var ml = new MLContext(seed: 1);
ml.Log += (_, e) =>
{
    if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
        Console.WriteLine(e.Message);
};
var d = ml.Diffusion();
var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 500).Select(i => new Row { Point = [MathF.Sin(i), MathF.Cos(3 * i)], Even = i % 2 == 0 }));
int steps = int.Parse(args[0], CultureInfo.InvariantCulture);
var disk = args.Length == 4 ? new SmallDisk(args[2]) : null;
var options = new DenoiserTrainer.Options
{
    Steps = steps,
    Network = new ResidualMlp { Width = 64, Blocks = 2 },
    Precision = Precision.Float32,
    Checkpoint = args.Length >= 3 ? new(args[2]) { Every = 7, Keep = 3, Resume = true } : null,
    MetricsFolder = args.Length >= 3 ? args[2] : null,
    ProgressInterval = 5,
    Progress = disk is null ? null : new During(disk, steps / 3, 2 * steps / 3),
};
var model = d.Transforms.NoiseSchedule("Point").Append(d.Trainers.Denoiser("Point", "Even", options)).Fit(data);
d.SaveModel(model, data.Schema, args[1]);
disk?.SaveAtAnyFill(path => d.SaveModel(model, data.Schema, path), path => ml.Model.Load(path, out _));
return 0;

internal sealed class Row
{
    [VectorType(2)]
    public float[] Point { get; set; } = [];

    public bool Even { get; set; }
}

internal sealed class During(SmallDisk disk, long from, long to) : IProgress<TrainingProgress>
{
    private bool _filled, _freed;

    public void Report(TrainingProgress value)
    {
        if (!_filled && value.Step >= from)
        {
            _filled = true;
            disk.Fill(0);
        }
        if (!_freed && value.Step >= to)
        {
            _freed = true;
            disk.Free();
        }
    }
}
