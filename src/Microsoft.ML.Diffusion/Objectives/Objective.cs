using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>What a network learns from a batch. A new one is one class and one line in the list of kinds below.</summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SimpleObjective), "simple")]
[JsonDerivedType(typeof(HybridObjective), "hybrid")]
[JsonDerivedType(typeof(VariationalObjective), "variational")]
public abstract class Objective
{
    /// <summary>Whether it trains the variance of reverse steps that the network answers with (<see cref="Network.LearnsVariance"/>).</summary>
    [JsonIgnore]
    public virtual bool TrainsVariance => false;

    /// <summary>Refuses what it can not train, before data is read.</summary>
    /// <param name="parameterization">What the network predicts.</param>
    /// <param name="schedule">The noise schedule.</param>
    /// <exception cref="ArgumentException">They do not fit the objective; says what does.</exception>
    public virtual void Check(Parameterization parameterization, NoiseSchedule schedule)
    {
    }

    /// <summary>The loss of each row: [B], through which gradients flow, a fresh tensor.</summary>
    /// <param name="batch">The batch, and the network that is trained.</param>
    public abstract Tensor LossOfRows(ObjectiveBatch batch);

    /// <summary>The loss of a batch, the mean over its rows: a scalar through which gradients flow, a fresh tensor.</summary>
    /// <param name="batch">The batch, and the network that is trained.</param>
    public virtual Tensor Loss(ObjectiveBatch batch)
    {
        using var rows = LossOfRows(batch);
        return rows.mean();
    }
}
