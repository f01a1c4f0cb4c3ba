namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A model in service, disposed when it was replaced and the last batch that uses it is done.</summary>
/// <param name="model">The model, which this takes over.</param>
internal sealed class ServedModel(ITransformer model)
{
    private readonly Shares _shares = new(() => (model as IDisposable)?.Dispose(), nameof(ServedModel), Lifetime.Advice);

    /// <summary>The model.</summary>
    public ITransformer Model => model;

    /// <summary>Takes a share for a batch.</summary>
    /// <returns>False where the model was replaced and disposed.</returns>
    public bool TryTake() => _shares.TryTake();

    /// <summary>Gives a share back.</summary>
    public void GiveBack() => _shares.GiveBack();
}
