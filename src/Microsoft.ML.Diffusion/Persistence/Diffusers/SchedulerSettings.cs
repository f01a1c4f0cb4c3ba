namespace Microsoft.ML.Diffusion;

/// <summary>What a scheduler of diffusers says: how a network was trained, and how it is sampled from.</summary>
/// <param name="Schedule">The noise schedule of training.</param>
/// <param name="Parameterization">What the network predicts.</param>
/// <param name="LevelInput">What the network is told about the noise level.</param>
/// <param name="Solver">The solver.</param>
/// <param name="Spacing">Which times its steps visit.</param>
/// <param name="Clip">The limit of x̂0; null for none.</param>
internal sealed record SchedulerSettings(
    NoiseSchedule Schedule, Parameterization Parameterization, LevelInput LevelInput, ISolver Solver, TimeSpacing Spacing, double? Clip);
