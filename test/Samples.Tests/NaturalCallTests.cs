namespace Samples.Tests;

/// <summary>What one would write first compiles: options as <c>new() { … }</c>, wherever they stand.</summary>
[TestClass]
public sealed class NaturalCallTests
{
    [TestMethod]
    [DataRow("d.Transforms.NoiseSchedule(\"X\", new() { Seed = 1 })")]
    [DataRow("d.Transforms.NoiseSchedule(\"X\", null)")]
    [DataRow("d.Transforms.NoiseSchedule(\"X\", null, new() { Seed = 1 })")]
    [DataRow("d.Transforms.NoiseSchedule(\"X\", KnownSchedules.Edm, new() { Seed = 1 })")]
    [DataRow("d.Transforms.NoiseSchedule(\"X\", new GaussianProcess(KnownSchedules.Edm), new() { Seed = 1 })")]
    [DataRow("d.Transforms.NoiseSchedule(\"X\", options: new() { Seed = 1 })")]
    [DataRow("d.Trainers.Denoiser(\"X\", new() { Steps = 5 })")]
    [DataRow("d.Trainers.Denoiser(\"X\", null)")]
    [DataRow("d.Trainers.Denoiser(\"X\", \"Label\", new() { Steps = 5 })")]
    [DataRow("d.Trainers.Denoiser(\"X\", [\"Label\", \"Size\"], new() { Steps = 5 })")]
    [DataRow("d.Transforms.ClassifierFreeGuidance(new() { Scale = 3 })")]
    [DataRow("d.Transforms.ClassifierFreeGuidance(3)")]
    [DataRow("d.Data.LoadImages(\"photos\", 32, 32, new() { SkipUnreadable = true })")]
    [DataRow("d.Data.LoadImages(\"photos\", 32, 32, 1, new() { SkipUnreadable = true })")]
    [DataRow("d.Data.LoadImages(\"photos\", 32, 32)")]
    [DataRow("d.Generators.Pool<Query, Picture>(\"model.zip\", new() { Engines = 2 })")]
    [DataRow("d.Generators.Pool<Query, Picture>(\"model.zip\", engines: 1)")]
    [DataRow("d.Generators.Pool<Query, Picture>(model, new() { Engines = 2 })")]
    [DataRow("d.Generators.Pool<Query, Picture>(model, engines: 1)")]
    [DataRow("d.Generators.Pool<Query, Picture>(model)")]
    public void Call_AsOneWouldWriteIt_Compiles(string call)
        => Assert.IsEmpty(ConsoleProgram.ErrorsOf($$"""
            using Microsoft.ML;
            using Microsoft.ML.Diffusion;

            var ml = new MLContext();
            var d = ml.Diffusion();
            var model = ml.Model.Load("model.zip", out _);
            Console.WriteLine(model.GetType() + ({{call}}).ToString());

            class Query { public long Seed { get; set; } }
            class Picture { public float[] Sample { get; set; } = []; }
            """));
}
