using Microsoft.ML.Diffusion.Transforms;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Decides what the user left open, and refuses what does not fit together, before data is read or memory allocated.</summary>
internal static class TaskResolver
{
    // DDPM's linear schedule amplifies 157 times and is known to work; the cosine schedule, 20,000 times, without limits is not.
    private const double MostAmplification = 1000;

    /// <summary>The task of a run.</summary>
    /// <param name="environment">The context itself, whose seed and GPU count where the options name none.</param>
    /// <param name="options">What the user asked for.</param>
    /// <param name="info">The process of the data column.</param>
    /// <param name="layout">What the packed conditions are.</param>
    /// <param name="channel">Takes the log.</param>
    /// <exception cref="ArgumentException">The network can not take the samples, or the parameterization the schedule.</exception>
    /// <exception cref="InvalidOperationException">There is no such GPU.</exception>
    /// <exception cref="NotSupportedException">The device does not compute in the precision asked for.</exception>
    public static DenoisingTask Resolve(IHostEnvironment environment, DenoiserTrainer.Options options, ForwardProcessInfo info, ConditionLayout layout, IChannel channel)
    {
        bool takesUnknown = options.UnknownValues != UnknownValues.Error || options.DropInvalidRows;
        var start = options.StartFrom is null ? null : DenoiserOf(options.StartFrom, nameof(options.StartFrom));
        if (start is not null)
            layout = TrainedKeys.Adopt(layout, start.Spec.Conditions, nameof(options.StartFrom), takesUnknown);
        else if (options.Teacher is { } teacher && options.Objective.NeedsTeacher)
            layout = TrainedKeys.Adopt(layout, DenoiserOf(teacher, nameof(options.Teacher)).Spec.Conditions, nameof(options.Teacher), takesUnknown);
        var network = options.Network ?? start?.Spec.Network ?? DefaultNetwork(info.Shape, options.Objective.TrainsVariance);
        Kinds.Require(network);
        if (!network.ReadsTokens && layout.Slots.OfType<TokensCondition>().Any())
        {
            network = new TextConditionedNetwork(network, TokenEncoder.Small);
            channel.Info(MessageSensitivity.None, "{0}", $"{((TextConditionedNetwork)network).Network.GetType().Name} does not read tokens: a text encoder, {nameof(TokenEncoder)}.{nameof(TokenEncoder.Small)}, is trained in front of it. For another one take the option {nameof(options.Network)} = new {nameof(TextConditionedNetwork)}(network, encoder).");
        }
        network.Validate(info.Shape);
        network.RequireDenoiser(info.Shape);
        var parameterization = options.Parameterization ?? options.Objective.DefaultParameterization(info.DataScale, info.Process.Schedule, start?.Spec.Parameterization);
        options.Objective.Check(parameterization, info.Process.Schedule);
        if (network.LearnsVariance != options.Objective.TrainsVariance)
            throw new ArgumentException(network.LearnsVariance
                ? $"The network answers with the variance of reverse steps, which {options.Objective.GetType().Name} does not train: take {nameof(KnownObjectives)}.{nameof(KnownObjectives.Hybrid)}, or a network without it."
                : $"{options.Objective.GetType().Name} trains the variance of reverse steps, but the network does not answer with it: take new {network.GetType().Name} {{ WithVariance = true }}.", nameof(options));
        if (network.SelfConditions && options.Objective is ConsistencyObjective)
            throw new ArgumentException("The network takes its estimate of the step before, but a consistency model has one step: train it without self-conditioning.", nameof(options));
        CheckLevels(parameterization, options, info.Process.Schedule);
        WarnOfAmplification(parameterization, options, info, channel);
        if (options.OffsetNoise > 0 && !info.Shape.IsImage)
            throw new ArgumentException($"OffsetNoise is {options.OffsetNoise}, but a sample has the shape {info.Shape}: offset noise is for pictures, whose channels have several values. Leave it at 0.", nameof(options));
        CheckFlips(options, info.Shape);
        if (options.Augmentation is not null && !info.Shape.IsImage)
            throw new ArgumentException($"An augmentation is set, but a sample has the shape {info.Shape}. It is for pictures.", nameof(options));
        if (options.Samples is not null)
            SampleSheets.Check(info.Shape);
        var device = ResolveDevice(environment, options, channel);
        return new DenoisingTask(network, parameterization, info.Shape, layout, info.Process, device, PrecisionOf(options.Precision, network, device),
            SeedOf(environment, options),
            options.LevelInput ?? (options.Network is null ? start?.Spec.LevelInput : null) ?? network.DefaultLevelInput(info.Process.Schedule), start,
            TeacherOf(options, info, layout, device));
    }

    /// <summary>The seed of a run.</summary>
    public static ulong SeedOf(IHostEnvironment environment, TrainerOptions options) => unchecked((uint)(options.Seed ?? HostSeed.Of(environment) ?? 0));

    /// <summary>Refuses to mirror what has no left and right.</summary>
    /// <exception cref="ArgumentException">Samples are no pictures.</exception>
    public static void CheckFlips(TrainerOptions options, DataShape shape)
    {
        if (options.HorizontalFlips && !shape.IsImage)
            throw new ArgumentException($"HorizontalFlips is set, but a sample has the shape {shape}, which has no left and right. It is for pictures.", nameof(options));
    }

    /// <summary>The precision in which a network is trained; Auto where a trial is to tell (<see cref="PrecisionTrial"/>).</summary>
    /// <exception cref="ArgumentException">The network does not compute in the one asked for.</exception>
    /// <exception cref="NotSupportedException">The device does not.</exception>
    public static Precision PrecisionOf(Precision wanted, Network network, Device device)
    {
        if (!network.NeedsFloat32)
            return wanted == Precision.Auto && PrecisionRace.IsOpen(device) ? Precision.Auto : wanted.Resolve(device);
        return wanted is Precision.Auto or Precision.Float32
            ? Precision.Float32
            : throw new ArgumentException($"{network.GetType().Name} computes in Float32 alone; the option {nameof(TrainerOptions.Precision)} is {wanted}. Leave it at {nameof(Precision.Auto)}.");
    }

    private static Network DefaultNetwork(DataShape shape, bool withVariance)
        => shape.IsImage ? new UNet { PatchSize = UNet.Small.PatchSize, WithVariance = withVariance }
            : shape.IsSequence ? new LinearAttentionUNet { Channels = LinearAttentionUNet.Small.Channels, Multipliers = LinearAttentionUNet.Small.Multipliers, WithVariance = withVariance }
            : new ResidualMlp { WithVariance = withVariance };

    private static DenoiserModel DenoiserOf(ITransformer model, string option) => ScoringSteps.Of(model).OfType<DenoiserTransformer>().LastOrDefault()?.Model
        ?? throw new ArgumentException($"The option {option} holds no trained denoiser.", option);

    // The model to be distilled; it must speak of the same data.
    private static DenoiserModel? TeacherOf(DenoiserTrainer.Options options, ForwardProcessInfo info, ConditionLayout layout, Device device)
    {
        if (options.Objective.NeedsTeacher != options.Teacher is not null)
            throw new ArgumentException(options.Objective.NeedsTeacher
                ? $"{options.Objective.GetType().Name} needs a model that is trained already: set the option {nameof(options.Teacher)}."
                : $"The option {nameof(options.Teacher)} is set, but {options.Objective.GetType().Name} asks no teacher.", nameof(options));
        if (options.Teacher is null)
            return null;
        var teacher = DenoiserOf(options.Teacher, nameof(options.Teacher));
        foreach (var (what, there, here, isSame) in new[]
            {
                ("shape", $"{teacher.Spec.Shape}", $"{info.Shape}", teacher.Spec.Shape.Equals(info.Shape)),
                ("codec", ModelJson.Write(teacher.Spec.Codec), ModelJson.Write(info.Codec), ModelJson.Write(teacher.Spec.Codec) == ModelJson.Write(info.Codec)),
                ("conditions", $"[{string.Join(", ", teacher.Spec.Conditions.Slots)}]", $"[{string.Join(", ", layout.Slots)}]", teacher.Spec.Conditions.Slots.SequenceEqual(layout.Slots)),
                ("device", $"{teacher.Device}", $"{device}", $"{teacher.Device}" == $"{device}"),
            })
            if (!isSame)
                throw new ArgumentException($"The option {nameof(options.Teacher)} holds a denoiser whose {what} is {there}, but that of the training is {here}.", nameof(options));
        return teacher;
    }

    // The cleanest and the noisiest level that training will meet: where α = 0 an ε-network could not say anything about the data.
    private static void CheckLevels(Parameterization parameterization, DenoiserTrainer.Options options, NoiseSchedule schedule)
    {
        foreach (double u in new[] { 1e-9, 1 - 1e-9 })
        {
            var level = schedule.At(options.Levels.Time(u, schedule));
            var (skip, factor, scale) = parameterization.At(level);
            if (!(double.IsFinite(skip) && double.IsFinite(factor) && (factor != 0 || !options.Objective.TakesLossWeight) && double.IsFinite(scale)))
                throw new ArgumentException($"{parameterization.GetType().Name} is not defined at the level {level} that the schedule {schedule.GetType().Name} trains at. Use the v or EDM parameterization.");
            if (!options.Objective.TakesLossWeight)
                continue;
            double counts = options.LossWeight.OnTarget(level, parameterization);
            if (!(counts >= 0 && double.IsFinite(counts)))
                throw new ArgumentException($"{options.LossWeight.GetType().Name} gives the level {level}, at which the schedule {schedule.GetType().Name} trains, the weight {counts}; it must be finite and not negative.", nameof(options));
        }
        if (!options.Objective.TakesLossWeight && !ReferenceEquals(options.LossWeight, KnownLossWeights.Uniform))
            throw new ArgumentException($"{nameof(options.LossWeight)} is set, but {options.Objective.GetType().Name} weighs levels itself. Leave it open.", nameof(options));
    }

    // x̂0 = (x − σ·ε)/α: where α is next to nothing, so is what an ε-network knows of the data, and samples without bounds start far away and stay there.
    private static void WarnOfAmplification(Parameterization parameterization, DenoiserTrainer.Options options, ForwardProcessInfo info, IChannel channel)
    {
        var noisiest = info.Process.Schedule.At(options.Levels.Time(1 - 1e-9, info.Process.Schedule));
        double amplification = Math.Abs(parameterization.At(noisiest).Out) / info.DataScale;
        if (amplification > MostAmplification)
            channel.Warning(MessageSensitivity.None, "{0}", FormattableString.Invariant(
                $"{parameterization.GetType().Name} makes of an error of the network one {amplification:n0} times as large in the data at the noisiest level of {info.Process.Schedule.GetType().Name}. Samples may end far from the data unless the sampler's option Clip limits them; the v, x0 and EDM parameterizations do not have this."));
    }

    /// <summary>Where a run is trained.</summary>
    /// <exception cref="InvalidOperationException">There is no such GPU.</exception>
    public static Device ResolveDevice(IHostEnvironment environment, TrainerOptions options, IChannel channel)
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
