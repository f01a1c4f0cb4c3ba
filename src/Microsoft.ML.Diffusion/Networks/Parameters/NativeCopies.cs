namespace Microsoft.ML.Diffusion;

/// <summary>Native things that are made at their first use, once each, and freed with their owner.</summary>
/// <remarks>Thread safe; whoever uses one keeps the owner alive meanwhile.</remarks>
internal sealed class NativeCopies : IDisposable
{
    private readonly Lock _making = new();
    private readonly Dictionary<object, IDisposable> _copies = [];

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_making)
                return _copies.Count;
        }
    }

    /// <summary>The one of a key. Where making it fails, the next call tries again.</summary>
    public T Get<T>(object key, Func<T> make)
        where T : class, IDisposable
    {
        lock (_making)
        {
            if (_copies.TryGetValue(key, out var known))
                return (T)known;
            var made = make();
            _copies.Add(key, made);
            return made;
        }
    }

    /// <summary>Frees all; a later use makes them anew.</summary>
    public void Dispose()
    {
        lock (_making)
        {
            foreach (var copy in _copies.Values)
                copy.Dispose();
            _copies.Clear();
        }
    }
}
