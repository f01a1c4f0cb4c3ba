namespace Microsoft.ML.Diffusion;

/// <summary>Counts who uses something that must be released once, by the last of them.</summary>
/// <remarks>Thread safe. Begins with one share.</remarks>
/// <param name="release">Releases it.</param>
/// <param name="name">The type of what is shared, for errors.</param>
/// <param name="advice">What to do where it is used after its end.</param>
internal sealed class Shares(Action release, string name, string advice)
{
    private int _count = 1;

    /// <summary>Takes a share, to be given back by <see cref="GiveBack"/>.</summary>
    /// <exception cref="ObjectDisposedException">The last share was given back.</exception>
    public void Take()
    {
        if (!TryTake())
            throw new ObjectDisposedException(name, advice);
    }

    /// <summary>Takes a share, to be given back by <see cref="GiveBack"/>, unless the last one was given back.</summary>
    public bool TryTake()
    {
        for (int count = Volatile.Read(ref _count); count > 0; count = Volatile.Read(ref _count))
            if (Interlocked.CompareExchange(ref _count, count + 1, count) == count)
                return true;
        return false;
    }

    /// <summary>Gives a share back; the last one releases.</summary>
    public void GiveBack()
    {
        if (Interlocked.Decrement(ref _count) == 0)
            release();
    }
}
