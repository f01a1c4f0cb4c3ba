using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class SaveDiffusersTests : IDisposable
{
    private static readonly DataShape Shape = new(3, 8, 12);

    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();

    public static IEnumerable<object[]> Models =>
        from item in new (DiffusersUNet Network, Parameterization Parameterization, DiscreteSchedule Schedule, ISolver Solver, TimeSpacing? Spacing, double? Clip)[]
        {
            (new() { Channels = [8, 16], Groups = 4 }, KnownParameterizations.Epsilon, new LinearBetaSchedule(), new DdimSolver { Limit = new EstimateLimit() }, null, null),
            (new() { Channels = [8, 8], Groups = 4, Layers = [1], ScalesAndShifts = true, Middle = UNetMiddle.TwoResiduals, SinesFirst = true, FrequencyShift = 1 },
                KnownParameterizations.V, new ZeroTerminalSnrSchedule(new ScaledLinearBetaSchedule(200)), KnownSolvers.DdpmAncestral, KnownSpacings.Leading, 1),
            (new() { Channels = [8, 16], Groups = 4, Down = [UNetStage.Attention, UNetStage.Residual], HeadWidths = [], ResidualDown = true, ResidualUp = true, MiddleDivisor = 1.4, DownPadding = 0 },
                KnownParameterizations.X0, new CosineSchedule(100), KnownSolvers.DpmSolverPlusPlus2M, new OpenEndedSpacing(KnownSpacings.Linspace), null),
            (new() { Channels = [8], Groups = 4, Layers = [1], EmbeddingWidth = 24, Middle = UNetMiddle.None, CentersInput = true },
                KnownParameterizations.Epsilon, new SigmoidSchedule(100), KnownSolvers.Euler, KnownSpacings.Karras, null),
        }
        select new object[] { item.Network, item.Parameterization, item.Schedule, item.Solver, item.Spacing!, item.Clip! };

    public void Dispose() => _folder.Dispose();

    // DDIM of diffusers goes ⌊T/N⌋ timesteps down, whatever the next one is.
    [TestMethod]
    public void SaveDiffusers_StepsThatDoNotDivideTheTable_AreRefusedForDdim()
    {
        var rows = _ml.Diffusion().Data.Rows(1);
        var denoiser = Denoiser(new DiffusersUNet { Channels = [8, 8], Groups = 4, Layers = [1] }, KnownParameterizations.Epsilon, new LinearBetaSchedule(), ConditionLayout.Empty, []);
        void Save(ISolver solver, int steps) => _ml.Diffusion().SaveDiffusers(
            new TransformerChain<ITransformer>(denoiser, _ml.Diffusion().Transforms.Sampler(options: new() { Solver = solver, Steps = steps }).Fit(denoiser.Transform(rows))), _folder.File($"{solver.GetType().Name}{steps}"));
        string message = Assert.ThrowsExactly<NotSupportedException>(() => Save(KnownSolvers.Ddim, 30)).Message;
        Assert.Contains("Runs of 30 steps are not saved: DDIMScheduler", message);
        Assert.Contains("a number of steps that divides 1000", message);
        Save(KnownSolvers.Ddim, 20);
        Save(KnownSolvers.DpmSolverPlusPlus2M, 30);
    }

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void SaveDiffusers_ThereAndBack_SamplesAreBitIdentical(DiffusersUNet network, Parameterization parameterization, DiscreteSchedule schedule, ISolver solver, TimeSpacing? spacing, double? clip)
    {
        var rows = _ml.Diffusion().Data.Rows(3);
        var denoiser = Denoiser(network, parameterization, schedule, ConditionLayout.Empty, []);
        var options = new SamplerEstimator.Options { Solver = solver, Spacing = spacing, Steps = 4, Clip = clip };
        var model = new TransformerChain<ITransformer>(denoiser, _ml.Diffusion().Transforms.Sampler(options: options).Fit(denoiser.Transform(rows)));
        var expected = ViewChecks.Vectors(model.Transform(rows), "Sample");

        string folder = Path.Combine(_folder.Root, "not there", new string('x', 255)) + "/";
        _ml.Diffusion().SaveDiffusers(model, folder);
        Assert.ContainsSingle(Directory.GetFileSystemEntries(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder))!), "nothing half-written beside it");
        var loaded = _ml.Diffusion().Transforms.LoadDiffusers(folder, options: new() { Steps = 4 }).Fit(rows);
        Assert.AreSequenceEqual(expected.SelectMany(row => row), ViewChecks.Vectors(loaded.Transform(rows), "Sample").SelectMany(row => row));
        // What was loaded is saved as what was saved.
        string again = Path.Combine(_folder.Root, "again");
        _ml.Diffusion().SaveDiffusers(loaded, again);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            Assert.AreSequenceEqual(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(again, Path.GetRelativePath(folder, file))), file);
    }

    [TestMethod]
    public void SaveDiffusers_LatentFolder_ThereAndBack()
    {
        var rows = _ml.Data.LoadFromEnumerable<ConditionRow>([new() { Seed = 1, Tokens = new float[24] }, new() { Seed = 2, Tokens = [.. Enumerable.Range(0, 24).Select(i => MathF.Sin(i))] }]);
        var options = new DiffusersEstimator.Options { Steps = 4, ConditionColumns = ["Tokens"] };
        var model = _ml.Diffusion().Transforms.LoadDiffusers(TinyFolder.Latent(_folder), options: options).Fit(rows);
        string folder = Path.Combine(_folder.Root, "not there", new string('x', 255)) + "/";
        _ml.Diffusion().SaveDiffusers(model, folder);
        Assert.ContainsSingle(Directory.GetFileSystemEntries(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder))!), "nothing half-written beside it");
        var loaded = _ml.Diffusion().Transforms.LoadDiffusers(folder, options: options).Fit(rows);
        ViewChecks.SameValues(model.Transform(rows), loaded.Transform(rows));
        Assert.IsTrue(File.Exists(Path.Combine(folder, "vae", TinyFolder.WeightsName)));
    }

    [TestMethod]
    public void SaveDiffusers_ClassesAndVectors_ThereAndBack()
    {
        var rows = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(Labels()).Transform(Labels());
        var network = new DiffusersUNet { Channels = [8, 8], Groups = 4, Layers = [1] };
        var denoiser = Denoiser(network, KnownParameterizations.Epsilon, new LinearBetaSchedule(), new ConditionLayout([new ClassCondition("Label", 3) { Values = new(["a", "b", "c"]) }]), ["Label"]);
        var model = new TransformerChain<ITransformer>(denoiser, _ml.Diffusion().Transforms.Sampler(options: new() { Solver = KnownSolvers.Ddim, Steps = 4 }).Fit(denoiser.Transform(rows)));
        string folder = Path.Combine(_folder.Root, "not there", new string('x', 255)) + "/";
        _ml.Diffusion().SaveDiffusers(model, folder);
        Assert.ContainsSingle(Directory.GetFileSystemEntries(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder))!), "nothing half-written beside it");
        var loaded = _ml.Diffusion().Transforms.LoadDiffusers(folder, options: new() { Steps = 4, ConditionColumns = ["Label"] }).Fit(rows);
        var samples = ViewChecks.Vectors(model.Transform(rows), "Sample");
        Assert.AreSequenceEqual(samples.SelectMany(row => row), ViewChecks.Vectors(loaded.Transform(rows), "Sample").SelectMany(row => row));
        // Rows of one seed differ by their class.
        Assert.IsFalse(samples[0].SequenceEqual(samples[1]));
    }

    [TestMethod]
    public void SaveDiffusers_WhatDiffusersDoesNotKnow_RefusedByNameAndNothingWritten()
    {
        string folder = Path.Combine(_folder.Root, "refused");
        Refused("A network of ResidualMlp is not saved", TestPipelines.Unconditional(_ml).Fit(Point.Load(_ml, 4)));
        var network = new DiffusersUNet { Channels = [8], Groups = 4, Layers = [1] };
        Refused("told the noise level as log-ratio", Denoiser(network, KnownParameterizations.Epsilon, new LinearBetaSchedule(), ConditionLayout.Empty, [], KnownLevelInputs.LogRatio));
        Refused("EdmParameterization is not saved", Denoiser(network, KnownParameterizations.Edm, new LinearBetaSchedule(), ConditionLayout.Empty, []));
        // There ε̂ stays as it is.
        var clipping = Denoiser(network, KnownParameterizations.Epsilon, new LinearBetaSchedule(), ConditionLayout.Empty, []);
        Refused("set DdimSolver.Limit instead of clip", new TransformerChain<ITransformer>(
            clipping, _ml.Diffusion().Transforms.Sampler(options: new() { Solver = KnownSolvers.Ddim, Clip = 1 }).Fit(clipping.Transform(_ml.Diffusion().Data.Rows(1)))));
        var fine = Denoiser(network, KnownParameterizations.Epsilon, new LinearBetaSchedule(), ConditionLayout.Empty, []);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "mine.txt"), "");
        Assert.Contains("is not empty", Assert.ThrowsExactly<IOException>(() => _ml.Diffusion().SaveDiffusers(fine, folder)).Message);
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder));

        void Refused(string message, ITransformer model)
        {
            Assert.Contains(message, Assert.ThrowsExactly<NotSupportedException>(() => _ml.Diffusion().SaveDiffusers(model, folder)).Message);
            Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.Root));
        }
    }

    // What is refused says with what it is saved, and that is so.
    [TestMethod]
    public void SaveDiffusers_SpacingThatTheSchedulerDoesNotKnow_NamesOnesThatAreSaved()
    {
        var rows = _ml.Diffusion().Data.Rows(1);
        var denoiser = Denoiser(new DiffusersUNet { Channels = [8], Groups = 4, Layers = [1] }, KnownParameterizations.Epsilon, new LinearBetaSchedule(), ConditionLayout.Empty, []);
        int followed = 0;
        foreach (var solver in new ISolver[] { KnownSolvers.Euler, KnownSolvers.Heun, KnownSolvers.Ddim, KnownSolvers.DpmSolverPlusPlus2M, KnownSolvers.UniPc })
            foreach (var spacing in new[] { KnownSpacings.Trailing, KnownSpacings.Quadratic, KnownSpacings.LogSnr })
            {
                if (Refusal(solver, spacing) is not { } message)
                    continue;
                Assert.Contains("or save the denoiser's transformer alone", message.Replace("can be saved: save", "can be saved: or save", StringComparison.Ordinal));
                if (!message.Contains("with the Spacing ", StringComparison.Ordinal))
                    continue;
                string name = message.Split("with the Spacing KnownSpacings.")[1].Split([' ', ',', ';', '.'])[0];
                Assert.IsNull(Refusal(solver, (TimeSpacing)typeof(KnownSpacings).GetProperty(name)!.GetValue(null)!), message);
                followed++;
            }
        Assert.IsGreaterThan(3, followed);
        _ml.Diffusion().SaveDiffusers(denoiser, _folder.File("alone"));

        string? Refusal(ISolver solver, TimeSpacing spacing)
        {
            var sampler = _ml.Diffusion().Transforms.Sampler(options: new() { Solver = solver, Spacing = spacing, Steps = 10 }).Fit(denoiser.Transform(rows));
            try
            {
                _ml.Diffusion().SaveDiffusers(new TransformerChain<ITransformer>(denoiser, sampler), _folder.File(Guid.NewGuid().ToString()));
                return null;
            }
            catch (NotSupportedException exception)
            {
                return exception.Message;
            }
        }
    }

    private DenoiserTransformer Denoiser(
        DiffusersUNet network, Parameterization parameterization, NoiseSchedule schedule, ConditionLayout conditions, string[] columns, LevelInput? levelInput = null)
    {
        levelInput ??= network.DefaultLevelInput(schedule);
        // Not the network's own start: its last layer starts at 0, and nothing would depend on anything.
        var lively = network.ListParameters(Shape, conditions).Select(parameter =>
            new NetworkParameter(parameter.Name, [.. parameter.Shape], parameter.Initializer == Initializer.Zeros ? Initializer.Normal(0.1) : parameter.Initializer));
        var parameters = FlatParameters.Create([.. lively], 1, CPU, Precision.Float32, trainable: false);
        var spec = new DenoiserSpec(network, parameterization, new GaussianProcess(schedule), new PixelCodec(), Shape, 1, conditions, levelInput);
        return new DenoiserTransformer(_ml, new DenoiserModel(spec, new NetworkDenoiser(network, Shape, parameterization, parameters, conditions, levelInput)), new DenoiserColumns("", "", "", columns));
    }

    private IDataView Labels() => _ml.Data.LoadFromEnumerable<ConditionRow>([new() { Seed = 1, Label = "a" }, new() { Seed = 1, Label = "b" }, new() { Seed = 1, Label = "c" }]);

    private sealed class ConditionRow
    {
        public long Seed { get; set; }

        public string Label { get; set; } = "";

        [VectorType(2, 12)]
        public float[] Tokens { get; set; } = new float[24];
    }
}
