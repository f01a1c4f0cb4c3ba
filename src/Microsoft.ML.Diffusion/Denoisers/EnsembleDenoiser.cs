using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// The mean answer of denoisers that were trained for the same task: with weights that are samples of their posterior, the mean of the predictive distribution (Welling and Teh 2011,
/// section 3). Costs as many network calls as there are members.
/// </summary>
/// <remarks>Holds its members' shares of their networks. Thread safe as they are.</remarks>
public sealed class EnsembleDenoiser : IDenoiser, IDisposable
{
    private readonly NetworkDenoiser[] _members;

    /// <summary>An ensemble.</summary>
    /// <param name="members">The members, which the ensemble disposes; at least one, all of the same shape, on the same device.</param>
    /// <exception cref="ArgumentException">There is none, or they do not fit each other.</exception>
    public EnsembleDenoiser(IReadOnlyList<NetworkDenoiser> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        if (members.Count == 0)
            throw new ArgumentException("An ensemble has at least one member.", nameof(members));
        if (members.FirstOrDefault(member => !member.Shape.Equals(members[0].Shape) || member.Network.LearnsVariance != members[0].Network.LearnsVariance) is { } other)
            throw new ArgumentException($"The members of an ensemble answer alike: the first denoises {members[0].Shape}, another {other.Shape}, or one learns the variance and another does not.", nameof(members));
        _members = [.. members];
    }

    /// <summary>The members.</summary>
    public IReadOnlyList<NetworkDenoiser> Members => _members;

    /// <inheritdoc/>
    [JsonIgnore]
    public IEnumerable<TrainedNetwork> Networks => _members.Select(member => member.Trained);

    /// <inheritdoc/>
    [JsonIgnore]
    public bool TakesPrevious => _members.Any(member => member.TakesPrevious);

    /// <inheritdoc/>
    public Denoised Denoise(Tensor x, in StepContext step, Conditioning condition)
    {
        var sum = _members[0].Denoise(x, step, condition);
        foreach (var member in _members.Skip(1))
        {
            var next = member.Denoise(x, step, condition);
            sum = new Denoised(Sum(sum.X0, next.X0), next.LogVariance is { } variance ? Sum(sum.LogVariance!, variance) : null);
        }
        return new Denoised(Share(sum.X0), sum.LogVariance is { } total ? Share(total) : null);
    }

    /// <summary>Gives the members' shares back.</summary>
    public void Dispose()
    {
        foreach (var member in _members)
            member.Dispose();
    }

    private static Tensor Sum(Tensor a, Tensor b)
    {
        using (a)
        using (b)
            return a.Plus(b);
    }

    private Tensor Share(Tensor sum)
    {
        using (sum)
            return sum.Times(1.0 / _members.Length);
    }
}
