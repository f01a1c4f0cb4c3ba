using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>In how many parts a batch is computed. The answer depends on sizes alone, never on a clock, so that equal runs compute alike.</summary>
internal static class BatchParts
{
    // What a part must be worth: some ten milliseconds of a core, beside two calls that wake a thread.
    private const double LeastProducts = 1e8;

    // A part also clears and hands on a gradient of its own, which takes a core as long as some twenty products for each parameter.
    private const double LeastProductsOfParameter = 400;

    // The largest part decides when a step is done; operations that are shared by all threads are shared more evenly.
    private const double MostUneven = 1.125;

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
            ?? (onProcessor && learner.TakesParts ? Math.Min(options.BatchSize, earlier ?? Paying(options.BatchSize, threads, learner.ProductsOfRow, learner.Parameters.Count)) : 1);
    }

    /// <summary>The number that a checkpoint holds: where a run goes on on a GPU, for which it does not matter, that of the run so far.</summary>
    public static int OfRecord(Device device, int parts, int? earlier) => device.type == DeviceType.CPU ? parts : earlier ?? parts;

    /// <summary>As many parts as threads where that is not slower than threads that share each operation, even if nothing else runs; else 1.</summary>
    /// <param name="rows">The number of rows of a batch.</param>
    /// <param name="threads">The number of threads.</param>
    /// <param name="productsOfRow">The number of products of a row's pass through the networks.</param>
    /// <param name="parameters">The number of parameters.</param>
    public static int Paying(int rows, int threads, long productsOfRow, long parameters)
    {
        int largest = (rows + threads - 1) / threads;
        double products = (double)productsOfRow * rows / threads;
        return (double)largest * threads / rows <= MostUneven && products >= LeastProducts && products >= LeastProductsOfParameter * parameters ? threads : 1;
    }
}
