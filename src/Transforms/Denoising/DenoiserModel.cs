using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>
/// A trained denoiser with its weights on a device. Counted: every transformer that uses it holds a share, and the weights are freed with
/// the last, because a prediction engine disposes the transformer that it was made from.
/// </summary>
/// <remarks>Thread safe.</remarks>
public sealed class DenoiserModel : IDisposable
{
    private readonly IDenoiser _denoiser;
    private readonly Action<Stream, IReadOnlyDictionary<string, string>?> _saveWeights;
    private readonly Shares _shares;

    /// <summary>A trained network.</summary>
    /// <param name="spec">What was trained.</param>
    /// <param name="denoiser">The network with its weights, which the model disposes.</param>
    public DenoiserModel(DenoiserSpec spec, NetworkDenoiser denoiser)
        : this(spec, denoiser, DeviceOf(denoiser), denoiser, (stream, metadata) => denoiser.Parameters.SaveSafetensors(stream, metadata: metadata))
    {
    }

    internal DenoiserModel(DenoiserSpec spec, IDenoiser denoiser, Device device, IDisposable? owned, Action<Stream, IReadOnlyDictionary<string, string>?> saveWeights)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Spec = spec;
        Device = device;
        _denoiser = denoiser;
        _shares = new Shares(() => owned?.Dispose(), nameof(DenoiserModel),
            "The denoiser was disposed. A prediction engine disposes the model it was made from; to keep it, pass new PredictionEngineOptions { OwnsTransformer = false }.");
        _saveWeights = saveWeights;
        Denoiser = new Guard(this);
    }

    /// <summary>What was trained.</summary>
    public DenoiserSpec Spec { get; }

    /// <summary>The denoiser, which throws when all shares of the model are disposed.</summary>
    public IDenoiser Denoiser { get; }

    /// <summary>The device that holds the weights.</summary>
    public Device Device { get; }

    /// <summary>Takes a share, to be given back by <see cref="Dispose"/>.</summary>
    /// <returns>This model.</returns>
    /// <exception cref="ObjectDisposedException">The last share was given back.</exception>
    public DenoiserModel Share()
    {
        _shares.Take();
        return this;
    }

    /// <summary>Gives a share back; the last one frees the weights.</summary>
    public void Dispose() => _shares.GiveBack();

    private static Device DeviceOf(NetworkDenoiser denoiser)
    {
        ArgumentNullException.ThrowIfNull(denoiser);
        return denoiser.Parameters.Device;
    }

    internal void SaveWeights(Stream stream, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var share = Share();
        _saveWeights(stream, metadata);
    }

    // A call in progress holds a share, so that disposing never pulls the weights away under it.
    private sealed class Guard(DenoiserModel model) : IDenoiser
    {
        public bool TakesPrevious => model._denoiser.TakesPrevious;

        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            using var share = model.Share();
            return model._denoiser.Denoise(x, step, condition);
        }
    }
}
