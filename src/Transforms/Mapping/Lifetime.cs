namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// How long a transformer may be used: until it is disposed, and then never again, whoever else holds shares of its networks. What is released is released when the last
/// computation in progress has ended.
/// </summary>
/// <remarks>Thread safe.</remarks>
/// <param name="owner">The type of the transformer, for errors.</param>
/// <param name="release">Releases what the transformer owns; nothing unless given.</param>
internal sealed class Lifetime(string owner, Action? release = null)
{
    /// <summary>Why a model may be disposed though nobody disposed it, and what to do about it.</summary>
    public const string Advice = "The model was disposed, and can not be used any more. A prediction engine disposes the model it was made from when it is disposed itself (using var engine = ...): to keep the model, "
        + "make engines with new PredictionEngineOptions { OwnsTransformer = false }, and dispose the model after the last of them.";

    private readonly Shares _shares = new(() => release?.Invoke(), owner, Advice);
    private int _ended;

    /// <summary>Refuses use after the end.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void ThrowIfEnded()
    {
        if (Volatile.Read(ref _ended) != 0)
            throw new ObjectDisposedException(owner, Advice);
    }

    /// <summary>Begins a computation, during which nothing is released.</summary>
    /// <returns>To be disposed at its end.</returns>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public Computation Enter()
    {
        ThrowIfEnded();
        _shares.Take();
        return new Computation(_shares);
    }

    /// <summary>A lifetime of its own for another owner: nothing is released before both have ended.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public Lifetime Share()
    {
        ThrowIfEnded();
        _shares.Take();
        return new Lifetime(owner, _shares.GiveBack);
    }

    /// <summary>Ends it; a second time does nothing.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
            _shares.GiveBack();
    }

    /// <summary>A computation in progress.</summary>
    /// <param name="shares">Of which it holds one.</param>
    public readonly struct Computation(Shares shares) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => shares.GiveBack();
    }
}
