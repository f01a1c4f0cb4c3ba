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
    private readonly IReadOnlyList<NetworkDenoiser> _members;
    private readonly Shares _shares;

    /// <summary>A trained network.</summary>
    /// <param name="spec">What was trained.</param>
    /// <param name="denoiser">The network with its weights, which the model disposes.</param>
    public DenoiserModel(DenoiserSpec spec, NetworkDenoiser denoiser)
        : this(spec, [denoiser])
    {
    }

    /// <summary>Trained networks whose mean answer counts (<see cref="EnsembleDenoiser"/>).</summary>
    /// <param name="spec">What was trained.</param>
    /// <param name="members">The network with different weights, which the model disposes; at least one.</param>
    /// <exception cref="ArgumentException">There is none, or they do not fit each other.</exception>
    public DenoiserModel(DenoiserSpec spec, IReadOnlyList<NetworkDenoiser> members)
        : this(spec, members is [var only] ? only : new EnsembleDenoiser(members), members[0].Parameters.Device) => _members = [.. members];

    /// <summary>A denoiser without weights that a file could hold.</summary>
    internal DenoiserModel(DenoiserSpec spec, IDenoiser denoiser, Device device)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Spec = spec;
        Device = device;
        _denoiser = denoiser;
        _members = [];
        _shares = new Shares(() => (denoiser as IDisposable)?.Dispose(), nameof(DenoiserModel),
            Lifetime.Advice);
        Denoiser = new Guard(this);
    }

    /// <summary>What was trained.</summary>
    public DenoiserSpec Spec { get; }

    /// <summary>The denoiser, which throws when all shares of the model are disposed.</summary>
    public IDenoiser Denoiser { get; }

    /// <summary>The number of networks whose mean answer counts; 1 unless it is an ensemble.</summary>
    public int Members => _members.Count;

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

    /// <summary>The denoiser itself, whose networks others may take shares of.</summary>
    internal IDenoiser Unguarded => _denoiser;

    /// <summary>Saves the weights of a model that has one set of them.</summary>
    /// <exception cref="NotSupportedException">It is an ensemble.</exception>
    internal void SaveWeights(Stream stream, IReadOnlyDictionary<string, string>? metadata = null)
    {
        if (Members > 1)
            throw new NotSupportedException($"The model is an ensemble of {Members} networks, which no single set of weights stands for. Save the whole model with ml.Model.Save, or train without an ensemble.");
        SaveMember(0, stream, metadata);
    }

    /// <summary>Saves the weights of a member.</summary>
    internal void SaveMember(int member, Stream stream, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var share = Share();
        _members[member].Parameters.SaveSafetensors(stream, metadata: metadata);
    }

    // A call in progress holds a share, so that disposing never pulls the weights away under it.
    private sealed class Guard(DenoiserModel model) : IDenoiser
    {
        public bool TakesPrevious => model._denoiser.TakesPrevious;

        public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
        {
            SamplingCancellation.ThrowIfCancelled();
            using var share = model.Share();
            return model._denoiser.Denoise(x, step, condition);
        }
    }
}
