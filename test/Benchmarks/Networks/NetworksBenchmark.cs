using System.Globalization;
using Microsoft.ML.Diffusion.Trainers;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>
/// A training step and a sampling call of every architecture, against the same network as plain functions of TorchSharp on parameters of their own. For the U-Net, the plain
/// functions are themselves compared with plain modules, to show that they are no straw man.
/// </summary>
internal sealed class NetworksBenchmark : IBenchmark
{
    private const double LearningRate = 1e-4;

    private static readonly DataShape _picture = new(1, 28, 28), _row = new(16);
    private static readonly ConditionLayout _classes = new([new ClassCondition("Label", NetworkPair.Classes)]);
    private static readonly ConditionLayout _text = new([new SequenceCondition("Text", 8, 32)]);

    // Small ones, so that rounds are short: what is compared is how the same layers are run.
    private static readonly Architecture[] _architectures =
    [
        new("unet", NetworkPair.Network, _picture, _classes, 16),
        new("diffusers_unet", new DiffusersUNet { Down = [UNetStage.Residual, UNetStage.Residual, UNetStage.Attention] }, _picture, _classes, 16),
        new("diffusers_cross", new DiffusersUNet { Down = [UNetStage.Residual, UNetStage.CrossAttention, UNetStage.CrossAttention], Middle = UNetMiddle.CrossAttention, ContextWidth = 32 }, _picture, _text, 16),
        new("song_unet", new SongUNet { Channels = 32, Multipliers = [1, 2, 2], BlocksPerLevel = 1, AttentionSizes = [7], Dropout = 0 }, _picture, _classes, 16),
        new("dhariwal_unet", new DhariwalUNet { Channels = 32, Multipliers = [1, 2, 2], BlocksPerLevel = 1, AttentionSizes = [7], Dropout = 0 }, _picture, _classes, 16),
        new("adm_unet", AdmUNet.Small, _picture, _classes, 16),
        new("dit", DiT.Small, _picture, _classes, 16),
        new("linear_attention", LinearAttentionUNet.Small, _picture, ConditionLayout.Empty, 16),
        new("linear_attention_1d", LinearAttentionUNet.Small, new DataShape(8, 64), ConditionLayout.Empty, 64),
        new("residual_mlp", ResidualMlp.Default, _row, _classes, 256),
        new("tabular_mlp", TabularMlp.Default, _row, _classes, 256),
    ];

    public string Name => "networks";

    public string Description => "every architecture against plain functions of TorchSharp, a step and a call, Float32 (networks [rounds] [architecture ...])";

    public IReadOnlyDictionary<string, double> Run(string[] arguments)
    {
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 15;
        var names = arguments.Skip(1).ToArray();
        if (names.Except(_architectures.Select(architecture => architecture.Name)).FirstOrDefault() is { } unknown)
            throw new ArgumentException($"Expected architectures out of {string.Join(", ", _architectures.Select(architecture => architecture.Name))}, got '{unknown}'.");
        var figures = new Dictionary<string, double>();
        foreach (var architecture in _architectures.Where(architecture => names.Length == 0 || names.Contains(architecture.Name)))
        {
            Console.WriteLine($"{architecture.Name}, samples {architecture.Shape}");
            using var pair = new ArchitecturePair(architecture);
            Console.WriteLine(FormattableString.Invariant($"  {pair.ParameterCount:n0} parameters, batch {architecture.Batch}; largest difference between the answers {pair.Check():e1} of the largest"));
            figures[architecture.Name + "_call"] = new Interleaved().Add("plain functions, a call", pair.CallPlain).Add("library", pair.CallLibrary).Run(rounds)["library"];
            figures[architecture.Name + "_step"] = StepRatio(architecture, pair, rounds);
        }
        if (names.Length == 0)
            figures["plain_step_over_modules"] = PlainOverModules(rounds);
        return figures;
    }

    private static double StepRatio(Architecture architecture, ArchitecturePair pair, int rounds)
    {
        using var plain = pair.TrainPlain(LearningRate);
        using var data = TrainingData.Create(architecture.Shape.Size, architecture.Layout);
        using var library = new LibraryTraining(LibraryTraining.Task(architecture.Network, architecture.Shape, architecture.Layout, CPU, Precision.Float32), data,
            new DenoiserTrainer.Options { BatchSize = architecture.Batch }, LearningRate);
        return new Interleaved().Add("plain functions, a step", plain.Step).Add("library", library.Step).Run(rounds)["library"];
    }

    private static double PlainOverModules(int rounds)
    {
        var architecture = _architectures[0];
        Console.WriteLine($"{architecture.Name}, the two baselines");
        using var modules = new NetworkPair(Precision.Float32, trainable: false);
        using var trainedModules = modules.TrainBaseline(architecture.Batch, LearningRate);
        using var pair = new ArchitecturePair(architecture);
        using var plain = pair.TrainPlain(LearningRate);
        return new Interleaved().Add("plain modules, a step", trainedModules.Step).Add("plain functions", plain.Step).Run(rounds)["plain functions"];
    }
}
