namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>
/// How far two correct computations in Float32 may lie apart. Every tolerance of a Float32 result that tests compare across orders of summation comes from here: instruction sets, numbers of
/// threads, batch sizes and oneDNN on or off change the order of sums, and nothing else.
/// </summary>
/// <remarks>
/// A sum of n terms rounds n − 1 times. Roundings of different operations are independent with a mean of zero, so their errors add as the root of their number, not linearly: the error of the sum is about u·√n of the
/// size of the summands' root sum of squares (Higham and Mary 2019, SIAM J. Sci. Comput. 41, A2815). Layers after one another add their errors in the same way, which gives u·√(n₁ + n₂ + …) for a network. Kernels sum in
/// 8 to 64 partial sums, which makes the error smaller; norms of small deviations, exponentials and guidance scales make it larger: the recorded drift of a reference knows those of its own network.
/// </remarks>
public static class Float32Tolerance
{
    /// <summary>The unit roundoff of Float32: 2⁻²⁴.</summary>
    public const double Unit = 1.0 / (1 << 24);

    /// <summary>
    /// How many times u·√n is allowed. Of the recorded networks the largest error came to 0.7 times on an AMD Zen 5 in every setting of build/test-other-processors.sh (DiT; U-Nets 0.05 to 0.35), and to 1.9 times on an
    /// Intel Xeon with AVX-512 (the same DiT). Weights that are wrong by a thousandth are still noticed: GoldenMutationTests.
    /// </summary>
    public const double Headroom = 8;

    /// <summary>Ten times what a reference lost in Float32 by its own kernels: one draw of the same error, and the largest of few numbers may have been small by luck.</summary>
    public const double DriftFactor = 10;

    /// <summary>The sums of a small test network: twenty layers of a thousand terms.</summary>
    private const int TestNetworkTerms = 20_000;

    /// <summary>The tolerance of results of sums.</summary>
    /// <param name="terms">The terms of all sums that follow one another, layer by layer.</param>
    /// <param name="magnitude">The size of the largest result, or of the largest summand where terms cancel.</param>
    public static double OfSums(double terms, double magnitude = 1) => Headroom * Unit * Math.Sqrt(Math.Max(1, terms)) * magnitude;

    /// <summary>The tolerance of an answer of a small network whose numbers are of order <paramref name="magnitude"/>; 6.7e-5 of it.</summary>
    public static double OfNetwork(double magnitude = 1) => OfSums(TestNetworkTerms, magnitude);

    /// <summary>The tolerance of samples of order 1 after up to ten calls of a small network, each of which answers to the sums before.</summary>
    public static double OfRun() => OfSums(10 * TestNetworkTerms);

    /// <summary>The tolerance of an output of a network of which a reference recorded its own drift.</summary>
    /// <param name="drift">The largest difference between the reference in Float32 and in double.</param>
    /// <param name="terms">The terms of all its sums.</param>
    /// <param name="magnitude">The size of its largest output.</param>
    public static double OfDrift(double drift, double terms, double magnitude) => Math.Max(DriftFactor * drift, OfSums(terms, magnitude));
}
