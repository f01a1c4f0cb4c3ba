using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>In how many parts a batch is computed. The answer depends on sizes alone, never on a clock, so that equal runs compute alike.</summary>
internal static class BatchParts
{
    // What a part must be worth: a millisecond of a core, beside two calls that wake a thread.
    private const double LeastProducts = 1e7;

    // A part also clears and hands on a gradient of its own, and reads all weights.
    private const double LeastProductsOfParameter = 24;

    // The largest part decides when a step is done; operations that are shared by all threads are shared more evenly.
    private const double MostUneven = 1.125;

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
            ?? (onProcessor && learner.TakesParts ? Math.Min(options.BatchSize, earlier ?? Paying(options.BatchSize, threads, learner.ProductsOfRow, learner.Parameters.Count)) : 1);
    }

    /// <summary>The number that a checkpoint holds: where a run goes on on a GPU, for which it does not matter, that of the run so far.</summary>
    public static int OfRecord(Device device, int parts, int? earlier) => device.type == DeviceType.CPU ? parts : earlier ?? parts;

    /// <summary>Whether the operations of a step run on one thread each: those of parts, and all of a batch that is too small for more than one.</summary>
    /// <param name="learner">What learns.</param>
    /// <param name="parts">The number of parts.</param>
    public static bool RunAlone(Learner learner, int parts)
        => learner.Parameters.Device.type == DeviceType.CPU && (parts > 1 ? learner.Parameters.Count <= MostParametersOfOneThread : learner.ProductsOfRow * (double)learner.BatchSize is > 0 and < 2 * LeastProducts);

    /// <summary>The most parts, up to the number of threads, that are worth a thread each; 1 where threads that share each operation are faster, even if nothing else runs.</summary>
    /// <param name="rows">The number of rows of a batch.</param>
    /// <param name="threads">The number of threads.</param>
    /// <param name="productsOfRow">The number of products of a row's pass through the networks.</param>
    /// <param name="parameters">The number of parameters.</param>
    public static int Paying(int rows, int threads, long productsOfRow, long parameters)
    {
        double products = (double)productsOfRow * rows;
        double most = Math.Min(threads, Math.Min(products / LeastProducts, products / (LeastProductsOfParameter * parameters)));
        if (most < 2)
            return 1;
        int largest = (rows + (int)most - 1) / (int)most;
        // No more than the largest part needs: 9 rows are 3, 3 and 3 for 3 threads and for 4.
        int parts = (rows + largest - 1) / largest;
        return (double)largest * (int)most / rows <= MostUneven ? parts : 1;
    }
}
