using Microsoft.ML.Diffusion.Transforms;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Decides what the user left open, and refuses what does not fit together, before data is read or memory allocated.</summary>
internal static class TaskResolver
{
    /// <summary>The task of a run.</summary>
    /// <param name="environment">The context itself, whose seed and GPU count where the options name none.</param>
    /// <param name="options">What the user asked for.</param>
    /// <param name="info">The process of the data column.</param>
    /// <param name="layout">What the packed conditions are.</param>
    /// <param name="channel">Takes the log.</param>
    /// <exception cref="ArgumentException">The network can not take the samples, or the parameterization the schedule.</exception>
    /// <exception cref="InvalidOperationException">There is no such GPU.</exception>
    /// <exception cref="NotSupportedException">The device does not compute in the precision asked for.</exception>
    public static TrainingTask Resolve(IHostEnvironment environment, DenoiserTrainer.Options options, ForwardProcessInfo info, ConditionLayout layout, IChannel channel)
    {
        var start = options.StartFrom is null ? null : DenoiserOf(options.StartFrom);
        var network = options.Network ?? start?.Spec.Network ?? DefaultNetwork(info.Shape, options.Objective.TrainsVariance);
        ModelJson.RequireKind(network);
        network.Validate(info.Shape);
        var parameterization = options.Parameterization ?? start?.Spec.Parameterization ?? new EdmParameterization(info.DataScale);
        options.Objective.Check(parameterization, info.Process.Schedule);
        if (network.LearnsVariance != options.Objective.TrainsVariance)
            throw new ArgumentException(network.LearnsVariance
                ? $"The network answers with the variance of reverse steps, which {options.Objective.GetType().Name} does not train: take {nameof(KnownObjectives)}.{nameof(KnownObjectives.Hybrid)}, or a network without it."
                : $"{options.Objective.GetType().Name} trains the variance of reverse steps, but the network does not answer with it: take new {network.GetType().Name} {{ WithVariance = true }}.", nameof(options));
        CheckLevels(parameterization, options, info.Process.Schedule);
        if (options.OffsetNoise > 0 && !info.Shape.IsImage)
            throw new ArgumentException($"OffsetNoise is {options.OffsetNoise}, but a sample has the shape {info.Shape}: offset noise is for pictures, whose channels have several values. Leave it at 0.", nameof(options));
        if (options.HorizontalFlips && !info.Shape.IsImage)
            throw new ArgumentException($"HorizontalFlips is set, but a sample has the shape {info.Shape}, which has no left and right. It is for pictures.", nameof(options));
        if (options.Augmentation is not null && !info.Shape.IsImage)
            throw new ArgumentException($"An augmentation is set, but a sample has the shape {info.Shape}. It is for pictures.", nameof(options));
        if (options.Samples is not null)
            SampleSheets.Check(info.Shape);
        var device = ResolveDevice(environment, options, channel);
        return new TrainingTask(network, parameterization, info.Shape, layout, info.Process, device, options.Precision.Resolve(device),
            unchecked((uint)(options.Seed ?? HostSeed.Of(environment) ?? 0)),
            options.LevelInput ?? (options.Network is null ? start?.Spec.LevelInput : null) ?? network.DefaultLevelInput(info.Process.Schedule), start);
    }

    private static Network DefaultNetwork(DataShape shape, bool withVariance)
        => shape.IsImage ? new UNet { PatchSize = UNet.Small.PatchSize, WithVariance = withVariance } : new ResidualMlp { WithVariance = withVariance };

    private static DenoiserModel DenoiserOf(ITransformer model) => ScoringSteps.Of(model).OfType<DenoiserTransformer>().LastOrDefault()?.Model
        ?? throw new ArgumentException($"The option {nameof(DenoiserTrainer.Options.StartFrom)} holds no trained denoiser.", nameof(model));

    // The cleanest and the noisiest level that training will meet: where α = 0 an ε-network could not say anything about the data.
    private static void CheckLevels(Parameterization parameterization, DenoiserTrainer.Options options, NoiseSchedule schedule)
    {
        foreach (double u in new[] { 1e-9, 1 - 1e-9 })
        {
            var level = schedule.At(options.Levels.Time(u, schedule));
            var (skip, factor, scale) = parameterization.At(level);
            if (!(double.IsFinite(skip) && double.IsFinite(factor) && factor != 0 && double.IsFinite(scale)))
                throw new ArgumentException($"{parameterization.GetType().Name} is not defined at the level {level} that the schedule {schedule.GetType().Name} trains at. Use the v or EDM parameterization.", nameof(parameterization));
            var weight = options.LossWeight;
            double counts = weight.OnTarget(level, parameterization);
            if (!(counts >= 0 && double.IsFinite(counts)))
                throw new ArgumentException($"{weight.GetType().Name} gives the level {level}, at which the schedule {schedule.GetType().Name} trains, the weight {counts}; it must be finite and not negative.", nameof(options));
        }
    }

    private static Device ResolveDevice(IHostEnvironment environment, DenoiserTrainer.Options options, IChannel channel)
    {
        if (options.GpuDeviceId is { } id)
            return TorchDevice.Resolve(id);
        try
        {
            return TorchDevice.Resolve(HostDevice.GpuDeviceId(environment));
        }
        catch (InvalidOperationException e) when (HostDevice.FallbackToCpu(environment))
        {
            channel.Warning(MessageSensitivity.None, "{0}", $"{e.Message} Training on the CPU, because the MLContext's FallbackToCpu allows it.");
            return TorchDevice.Resolve(null);
        }
    }
}
