using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Ends sampling that nobody waits for any more.</summary>
public static class CancellationCatalog
{
    /// <summary>
    /// A scope in which a token ends sampling, whatever model it is of: every sampler, edit, likelihood and prediction engine. What computes ends before its next call of a network, with
    /// <see cref="OperationCanceledException"/>; the model stays usable.
    /// </summary>
    /// <remarks>
    /// Rows of ML.NET are computed when they are read, so the scope must be around what reads them: <c>using (d.CancelSamplingOn(token)) rows = ml.Data.CreateEnumerable&lt;Row&gt;(view, false).ToList();</c>
    /// It follows the flow of control, into tasks and threads that are started within it, as <see cref="AsyncLocal{T}"/> does; other requests are not touched. Scopes nest: each of their tokens counts.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="token">The token, such as that of a request whose client may go.</param>
    /// <returns>Ends the scope when disposed.</returns>
    public static IDisposable CancelSamplingOn(this DiffusionCatalog catalog, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return SamplingCancellation.Enter(token) ?? SamplingCancellation.Enter(s_never.Token)!;
    }

    // For tokens that can not be cancelled, so that each scope is one.
    private static readonly CancellationTokenSource s_never = new();
}
