namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// The tokens that end sampling where control flows now, over threads and tasks that are started from here: those of the scopes around it, and that of the sampler's options. Asked before each
/// call of a network, so that every sampler, edit and likelihood ends within one.
/// </summary>
internal sealed class SamplingCancellation : IDisposable
{
    private static readonly AsyncLocal<SamplingCancellation?> s_current = new();

    private readonly SamplingCancellation? _outer;
    private readonly CancellationToken _token;
    private bool _left;

    private SamplingCancellation(SamplingCancellation? outer, CancellationToken token) => (_outer, _token) = (outer, token);

    /// <summary>Enters a scope.</summary>
    /// <param name="token">The token.</param>
    /// <returns>Leaves the scope when disposed; null for a token that is never cancelled.</returns>
    public static SamplingCancellation? Enter(CancellationToken token)
        => token.CanBeCanceled ? s_current.Value = new SamplingCancellation(s_current.Value, token) : null;

    /// <summary>Ends what is computed here.</summary>
    /// <exception cref="OperationCanceledException">One of the tokens is cancelled; holds it.</exception>
    public static void ThrowIfCancelled()
    {
        for (var scope = s_current.Value; scope is not null; scope = scope._outer)
            if (!scope._left)
                scope._token.ThrowIfCancellationRequested();
    }

    /// <summary>Leaves the scope.</summary>
    public void Dispose()
    {
        _left = true;
        if (s_current.Value == this)
            s_current.Value = _outer;
    }
}
