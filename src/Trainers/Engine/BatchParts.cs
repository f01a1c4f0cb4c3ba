using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>In how many parts a batch is computed. The answer depends on sizes alone, never on a clock, so that equal runs compute alike.</summary>
internal static class BatchParts
{
    // What follows the gradient, on one thread, costs less than threads that wait spinning for the next of its operations beside those that compute parts.
    private const long MostParametersOfOneThread = 8_000_000;

    /// <summary>The number of parts.</summary>
    /// <param name="learner">What learns.</param>
    /// <param name="options">How; names a number or leaves it open.</param>
    /// <param name="threads">The number of libtorch's threads.</param>
    /// <param name="earlier">The number of the run that is gone on with; null where there is none.</param>
    /// <exception cref="ArgumentException">The options name a number, and the learner or the device takes no parts.</exception>
    public static int For(Learner learner, TrainerOptions options, int threads, int? earlier = null)
    {
        bool onProcessor = learner.Parameters.Device.type == DeviceType.CPU;
        if (options.BatchParts is > 1 && !(onProcessor && learner.TakesParts))
            throw new ArgumentException($"The option {nameof(options.BatchParts)} is {options.BatchParts}, but {(onProcessor ? "the loss of a row depends on the other rows of its batch, which can not be computed in parts" : $"training on {learner.Parameters.Device} computes a batch as a whole")}. Leave it open.", nameof(options));
        return options.BatchParts
            ?? (onProcessor && learner.TakesParts ? Math.Min(options.BatchSize, earlier ?? WorkParts.Paying(options.BatchSize, threads, ProductsOfBatch(learner), learner.Parameters.Count)) : 1);
    }

    /// <summary>The number that a checkpoint holds: where a run goes on on a GPU, for which it does not matter, that of the run so far.</summary>
    public static int OfRecord(Device device, int parts, int? earlier) => device.type == DeviceType.CPU ? parts : earlier ?? parts;

    /// <summary>Whether the operations of a step run on one thread each: those of parts, and all of a batch that is too small for more than one.</summary>
    /// <param name="learner">What learns.</param>
    /// <param name="parts">The number of parts.</param>
    public static bool RunAlone(Learner learner, int parts)
        => learner.Parameters.Device.type == DeviceType.CPU && (parts > 1 ? learner.Parameters.Count <= MostParametersOfOneThread : WorkParts.IsSmall(ProductsOfBatch(learner)));

    private static double ProductsOfBatch(Learner learner) => (double)learner.ProductsOfRow * learner.BatchSize;
}
