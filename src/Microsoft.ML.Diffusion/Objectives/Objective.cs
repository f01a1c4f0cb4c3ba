using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>What a network learns from a batch. A new one is one class and one line in the list of kinds below.</summary>
/// <remarks>Immutable and thread safe.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SimpleObjective), "simple")]
[JsonDerivedType(typeof(HybridObjective), "hybrid")]
[JsonDerivedType(typeof(VariationalObjective), "variational")]
[JsonDerivedType(typeof(ConsistencyTrainingObjective), "consistency-training")]
[JsonDerivedType(typeof(ConsistencyDistillationObjective), "consistency-distillation")]
public abstract class Objective
{
    /// <summary>Whether it trains the variance of reverse steps that the network answers with (<see cref="Network.LearnsVariance"/>).</summary>
    [JsonIgnore]
    public virtual bool TrainsVariance => false;

    /// <summary>Whether levels count as a <see cref="LossWeight"/> says.</summary>
    [JsonIgnore]
    public virtual bool TakesLossWeight => true;

    /// <summary>Whether it asks a model that is trained already (<see cref="ObjectiveBatch.Teacher"/>).</summary>
    [JsonIgnore]
    public virtual bool NeedsTeacher => false;

    /// <summary>
    /// Whether the loss of a row depends on other rows of its batch, as where rows are contrasted with each other. Then a batch is never computed in parts. Default: false.
    /// </summary>
    [JsonIgnore]
    public virtual bool ComparesRows => false;

    /// <summary>
    /// How much an average of the weights, which answers as <see cref="ObjectiveBatch.Target"/>, keeps of itself in a step, in [0, 1); null where the weights themselves answer, without a gradient.
    /// </summary>
    /// <param name="fraction">How much of the run is done, in [0, 1].</param>
    public virtual double? TargetDecayAt(double fraction) => null;

    /// <summary>What the network predicts where the user leaves it open: as the model from which training starts, else EDM's preconditioning.</summary>
    /// <param name="dataScale">σ_data, the standard deviation of the data in model space.</param>
    /// <param name="schedule">The noise schedule.</param>
    /// <param name="start">What the network from which training starts predicts; null where there is none.</param>
    public virtual Parameterization DefaultParameterization(double dataScale, NoiseSchedule schedule, Parameterization? start = null) => start ?? new EdmParameterization(dataScale);

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
