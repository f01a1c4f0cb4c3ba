namespace Microsoft.ML.Diffusion;

/// <summary>In how many parts, a thread each, a work on rows is computed. The answer depends on sizes alone, never on a clock, so that equal runs compute alike.</summary>
internal static class WorkParts
{
    // What a part must be worth: a fraction of a millisecond of a core, beside two calls that wake a thread.
    private const double LeastProducts = 5e6;

    // A part reads all weights; in training it also clears and hands on a gradient of its own.
    private const double LeastProductsOfParameter = 24;

    // The largest part decides when all is done; operations that are shared by all threads are shared more evenly.
    private const double MostUneven = 1.125;

    /// <summary>The rows of a part: as many as in any other, or one more. Parts follow each other, and hold all rows together.</summary>
    /// <param name="part">The number of the part, from 0 on.</param>
    /// <param name="parts">The number of parts.</param>
    /// <param name="rows">The number of rows.</param>
    /// <returns>The first row, and the one behind the last; equal where a part has none.</returns>
    public static (int First, int End) RowsOf(int part, int parts, int rows) => ((int)((long)part * rows / parts), (int)((part + 1L) * rows / parts));

    /// <summary>Whether a work is too small for more than one thread.</summary>
    /// <param name="products">The products of its pass through the networks; 0 where they are not known.</param>
    public static bool IsSmall(double products) => products is > 0 and < 2 * LeastProducts;

    /// <summary>The most parts, up to the number of threads, that are worth a thread each; 1 where threads that share each operation are faster, even if nothing else runs.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="threads">The number of threads.</param>
    /// <param name="products">The products of the rows' pass through the networks; 0 where they are not known.</param>
    /// <param name="parameters">The number of parameters.</param>
    public static int Paying(int rows, int threads, double products, long parameters)
    {
        double most = Math.Min(threads, Math.Min(products / LeastProducts, products / (LeastProductsOfParameter * parameters)));
        if (most < 2)
            return 1;
        int largest = (rows + (int)most - 1) / (int)most;
        // No more than the largest part needs: 9 rows are 3, 3 and 3 for 3 threads and for 4.
        int parts = (rows + largest - 1) / largest;
        return (double)largest * (int)most / rows <= MostUneven ? parts : 1;
    }
}
